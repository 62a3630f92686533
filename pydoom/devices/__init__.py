"""Window, keyboard, mouse, joystick and mixer, and their null twins for headless use."""
