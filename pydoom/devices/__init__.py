"""Window, keyboard, mouse, joystick and mixer, and their null twins for headless use."""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
# a SIGTERM that comes before the loop listens must end the process, not ask like a window's close button
os.environ.setdefault("SDL_NO_SIGNAL_HANDLERS", "1")
