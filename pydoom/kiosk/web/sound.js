// The game's sound: int16 stereo packets from a WebSocket, played by an AudioWorklet (worklet.js).
// The server sends them to pages that have logged in: see page.js.

const RETRY_MS = 2000;

export class Sound {
  // state: off (turned off or not connected), waiting (for a click), connecting, on, unsupported
  constructor(url, changed) {
    this.url = url;
    this.changed = changed;
    this.wanted = true;
    this.connected = false; // to the game
    this.socket = null;
    this.context = null;
    this.player = null;
    this.ready = false;
    this.packets = 0;
    this.played = { peak: 0, loudest: 0, buffered: 0, underruns: 0 };
    this.supported = window.isSecureContext && "AudioWorkletNode" in window;
  }

  get state() {
    if (!this.supported) return "unsupported";
    if (!this.wanted || !this.connected) return "off";
    if (this.context?.state !== "running") return "waiting";
    return this.ready ? "on" : "connecting";
  }

  // Sound latency on this side of the network, in milliseconds: queued packets and the device.
  get latencyMs() {
    const { baseLatency = 0, outputLatency = 0 } = this.context ?? {};
    return 1000 * (this.played.buffered + Math.max(baseLatency, outputLatency));
  }

  // Call from a click or a key press.
  allow() {
    if (!this.supported) return;
    if (this.context === null) this.#open();
    if (this.context.state === "suspended" && this.wanted) this.context.resume();
  }

  listen() {
    if (!this.supported) return;
    this.connected = true;
    if (this.wanted) this.#connect();
    this.changed();
  }

  leave() {
    this.connected = false;
    this.#disconnect();
    this.changed();
  }

  toggle() {
    this.wanted = this.state === "waiting" || !this.wanted;
    if (this.wanted) {
      this.allow();
      if (this.connected && this.socket === null) this.#connect();
    } else {
      this.context?.suspend();
      this.#disconnect();
    }
    this.changed();
  }

  #open() {
    this.context = new AudioContext({ latencyHint: "interactive", sampleRate: 44100 });
    this.context.addEventListener("statechange", () => this.changed());
    this.context.audioWorklet.addModule(new URL("worklet.js", import.meta.url)).then(() => {
      this.player = new AudioWorkletNode(this.context, "pydoom-player", { outputChannelCount: [2] });
      this.player.port.onmessage = (message) => {
        this.played = { ...message.data, loudest: Math.max(this.played.loudest, message.data.peak) };
      };
      this.player.connect(this.context.destination);
    });
  }

  #connect() {
    const socket = this.socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") {
        this.ready = JSON.parse(data).type === "ready";
        this.changed();
      } else {
        this.packets += 1;
        // a suspended player would queue them without end
        if (this.context?.state === "running") this.player?.port.postMessage(data, [data]);
      }
    });
    socket.addEventListener("close", () => {
      if (this.socket !== socket) return;
      this.#disconnect();
      this.changed();
      setTimeout(() => { if (this.wanted && this.connected && this.socket === null) this.#connect(); }, RETRY_MS);
    });
  }

  #disconnect() {
    const socket = this.socket;
    this.socket = null;
    this.ready = false;
    socket?.close();
  }
}
