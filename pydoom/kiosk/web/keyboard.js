// Which layout the player's keyboard has, as far as the game cares: VNC tells what a key types and not where it is, so
// the kiosk's virtual keyboard gets the same layout (pydoom/kiosk/keyboard.py), and each key is found in its place.

const MARKS = { // what a key types with each layout, and with no other one here
  "KeyQ a": "fr", "KeyA q": "fr", "KeyW z": "fr", "KeyZ w": "fr", "Digit1 &": "fr", "Digit2 é": "fr",
  "KeyY z": "de", "KeyZ y": "de",
  "KeyQ й": "ru", "KeyW ц": "ru", "KeyA ф": "ru", "KeyD в": "ru", "KeyS ы": "ru",
  "KeyS і": "ua",
  "KeyQ '": "us(dvorak)", "KeyW ,": "us(dvorak)", "KeyS o": "us(dvorak)", "KeyD e": "us(dvorak)",
};

export class Keyboard {
  // `send` is called with the layout's name when it is known, and again when it has changed.
  constructor(send) {
    this.send = send;
    this.layout = null;
    window.addEventListener("keydown", (event) => this.#see(event.code, event.key), { capture: true, passive: true });
  }

  // Tell again: there is another kiosk, or a page with another layout has been there. Chromium knows before any key.
  async announce() {
    const keys = await navigator.keyboard?.getLayoutMap?.().catch(() => null);
    if (keys) {
      const marks = Array.from(keys, ([code, key]) => MARKS[`${code} ${key}`]).filter(Boolean);
      // Ukrainian keyboards have all but one of the Russian letters
      this.layout = marks.includes("ua") ? "ua" : marks[0] ?? (keys.get("KeyQ") === "q" ? "us" : null);
    }
    if (this.layout !== null) this.send(this.layout);
  }

  #see(code, key) {
    const layout = MARKS[`${code} ${key.toLowerCase()}`];
    if (layout === undefined || layout === this.layout || (layout === "ru" && this.layout === "ua")) return;
    this.layout = layout;
    this.send(layout);
  }
}
