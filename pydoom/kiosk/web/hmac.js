// HMAC-SHA256 (RFC 2104, FIPS 180-4). The browser's own, crypto.subtle, is only there on https and localhost, and the
// page also logs in on a plain http://192.168.1.20:6080/.

const BLOCK_BYTES = 64;

// the first 32 bits of the fractional parts of the square and cube roots of the first primes
const firstPrimes = (count) => {
  const primes = [];
  for (let n = 2; primes.length < count; n += 1) if (primes.every((prime) => n % prime)) primes.push(n);
  return primes;
};
const fraction = (root) => Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
const START = firstPrimes(8).map((prime) => fraction(Math.sqrt(prime)));
const ROUNDS = firstPrimes(64).map((prime) => fraction(Math.cbrt(prime)));

const rotate = (word, bits) => (word >>> bits) | (word << (32 - bits));

function sha256(message) {
  const blocks = Math.ceil((message.length + 9) / BLOCK_BYTES);
  const padded = new Uint8Array(blocks * BLOCK_BYTES);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, message.length * 8);
  const state = [...START];
  const words = new Int32Array(64);
  for (let block = 0; block < blocks; block += 1) {
    for (let i = 0; i < 16; i += 1) words[i] = view.getInt32(block * BLOCK_BYTES + 4 * i);
    for (let i = 16; i < 64; i += 1) {
      const [early, late] = [words[i - 15], words[i - 2]];
      const mixedEarly = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
      const mixedLate = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
      words[i] = words[i - 16] + mixedEarly + words[i - 7] + mixedLate;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i += 1) {
      const choice = (e & f) ^ (~e & g);
      const majority = (a & b) ^ (a & c) ^ (b & c);
      const first = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + ROUNDS[i] + words[i]) | 0;
      const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] = (state[i] + word) | 0; });
  }
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => digest.setInt32(4 * i, word));
  return new Uint8Array(digest.buffer);
}

// `key` and `text` are strings; gives 64 hexadecimal digits.
export function hmac(key, text) {
  const bytes = (string) => new TextEncoder().encode(string);
  const short = bytes(key).length > BLOCK_BYTES ? sha256(bytes(key)) : bytes(key);
  const padded = (filler) => Uint8Array.from({ length: BLOCK_BYTES }, (_, i) => (short[i] ?? 0) ^ filler);
  const inner = sha256(Uint8Array.of(...padded(0x36), ...bytes(text)));
  const outer = sha256(Uint8Array.of(...padded(0x5c), ...inner));
  return Array.from(outer, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
