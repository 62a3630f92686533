"""Window, terminal, keyboard, mouse, controllers and sound card, and their null versions for headless use.

A window shows frames and delivers events. `window` is pygame's, `terminal` draws with characters, kitty's protocol or
sixels, `null` shows nothing. `mixer` and `music` play through pygame, `stream` sends packets of 11.6 ms to listeners
on a socket, and no tic waits for them. `recording` and `video` write what is shown into a file: live play drops frames
rather than wait for the encoder; demos wait.
"""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
# a SIGTERM before the loop handles it must end the process, not ask like a window's close button
os.environ.setdefault("SDL_NO_SIGNAL_HANDLERS", "1")
