"""Window, keyboard, mouse, joystick and mixer, and their null twins for headless use."""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
