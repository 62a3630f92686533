// Plays packets as they come. A short queue absorbs network jitter: it starts with as little as has worked
// so far, grows after a gap, and is cut back when it is longer than needed, so that sound stays in sync with the image:
// at once when it is far too long, and otherwise by one sample frame in 128, which is inaudible.

const LEAST_S = 0.03;
const MOST_S = 0.08;
const STEP_S = 0.01;
const SLACK_S = 0.05;
const CALM_S = 20;
const LOOK_S = 1;        // what was not needed for this long is dropped
const KEPT_SHARE = 1 / 3; // share of the queue kept in reserve
const REPORT_S = 0.1;

class Player extends AudioWorkletProcessor {
  constructor() {
    super();
    this.packets = [];
    this.place = 0;      // frames of the first packet already played
    this.frames = 0;     // frames waiting
    this.target = LEAST_S;
    this.filling = true;
    this.underruns = 0;
    this.calmSince = 0;
    this.lowest = Infinity; // frames, since the last check
    this.surplus = 0;       // frames to drop
    this.nextLook = 0;
    this.peak = 0;
    this.nextReport = 0;
    this.port.onmessage = ({ data }) => {
      const packet = new Int16Array(data);
      this.packets.push(packet);
      this.frames += packet.length / 2;
      if (this.frames > (this.target + SLACK_S) * sampleRate) this.drop(this.frames - this.target * sampleRate);
    };
  }

  drop(frames) {
    this.surplus = 0;
    this.lowest = Infinity;
    while (frames > 0 && this.packets.length) {
      const step = Math.min(Math.ceil(frames), this.packets[0].length / 2 - this.place);
      this.advance(step);
      frames -= step;
    }
  }

  advance(frames) {
    this.place += frames;
    this.frames -= frames;
    if (this.place * 2 >= this.packets[0].length) {
      this.packets.shift();
      this.place = 0;
    }
  }

  process(_inputs, [output]) {
    const [left, right] = output;
    if (this.filling && this.frames >= this.target * sampleRate) {
      this.filling = false;
      this.calmSince = currentTime;
    }
    let filled = 0;
    while (!this.filling && filled < left.length) {
      if (!this.packets.length) { this.ranDry(); break; }
      const packet = this.packets[0];
      const count = Math.min(left.length - filled, packet.length / 2 - this.place);
      for (let i = 0; i < count; i++) {
        const at = 2 * (this.place + i);
        left[filled + i] = packet[at] / 32768;
        right[filled + i] = packet[at + 1] / 32768;
        this.peak = Math.max(this.peak, Math.abs(left[filled + i]), Math.abs(right[filled + i]));
      }
      this.advance(count);
      filled += count;
    }
    this.skim();
    if (currentTime - this.calmSince > CALM_S) {
      this.target = Math.max(LEAST_S, this.target - STEP_S / 2);
      this.calmSince = currentTime;
    }
    this.report();
    return true;
  }

  skim() {
    this.lowest = Math.min(this.lowest, this.frames);
    if (currentTime >= this.nextLook) {
      if (this.lowest < Infinity) this.surplus = this.lowest - this.target * KEPT_SHARE * sampleRate;
      this.lowest = Infinity;
      this.nextLook = currentTime + LOOK_S;
    }
    if (!this.filling && this.surplus >= 1 && this.packets.length) {
      this.advance(1);
      this.surplus -= 1;
    }
  }

  ranDry() {
    this.surplus = 0;
    this.filling = true;
    this.underruns += 1;
    this.target = Math.min(MOST_S, this.target + STEP_S);
  }

  report() {
    if (currentTime < this.nextReport) return;
    this.nextReport = currentTime + REPORT_S;
    this.port.postMessage({ peak: this.peak, buffered: this.frames / sampleRate, underruns: this.underruns });
    this.peak = 0;
  }
}

registerProcessor("pydoom-player", Player);
