// The page: asks for the password, shows the game through noVNC and plays its sound.
// The password stays in this page's memory, to reconnect by itself; it is never sent (VNC and sound both answer
// challenges).

import RFB from "../novnc/core/rfb.js";
import { Sound } from "./sound.js";

const RETRY_MS = 2000;
const VNC_PASSWORD_LENGTH = 8; // VNC ignores the rest

const element = (id) => document.getElementById(id);
const socketUrl = (path) => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/${path}`;

const login = element("login");
const password = element("password");
const soundButton = element("sound");

let secret = null;
let rfb = null;
const sound = new Sound(socketUrl("sound"), showSound);

function showState(text, link) {
  element("state").textContent = text;
  element("lost").hidden = !(link === "off" && secret !== null);
  document.body.dataset.link = link;
}

function showSound() {
  soundButton.textContent = { on: "Sound on", off: "Sound off", waiting: "Click for sound",
                              connecting: "Sound …", unsupported: "No sound: needs https or localhost" }[sound.state];
  soundButton.setAttribute("aria-pressed", String(sound.state === "on"));
  soundButton.disabled = sound.state === "unsupported";
}

function connect() {
  showState("connecting", "");
  rfb = new RFB(element("screen"), socketUrl("websockify"), { credentials: { password: secret } });
  rfb.scaleViewport = true;
  rfb.background = "#000";
  rfb.qualityLevel = 8; // measured: the same frame rate as with 0, and sharp
  rfb.compressionLevel = 0;
  rfb.addEventListener("connect", () => {
    showState("connected", "on");
    login.hidden = true;
    sound.listen(secret);
    rfb.focus();
  });
  rfb.addEventListener("securityfailure", () => { secret = null; });
  rfb.addEventListener("disconnect", () => {
    sound.leave();
    if (secret === null) {
      askAgain("wrong password");
    } else {
      showState("disconnected, trying again", "off");
      setTimeout(connect, RETRY_MS);
    }
  });
}

function askAgain(problem) {
  showState(problem, "off");
  element("problem").textContent = problem;
  login.hidden = false;
  password.value = "";
  password.focus();
}

login.addEventListener("submit", (event) => {
  event.preventDefault();
  if (secret !== null) return; // already in progress
  secret = password.value.slice(0, VNC_PASSWORD_LENGTH);
  password.value = "";
  element("problem").textContent = "";
  sound.allow(); // browsers play nothing before a click; this is the click
  connect();
});

soundButton.addEventListener("click", () => {
  sound.toggle();
  rfb?.focus();
});

element("full").addEventListener("click", async () => {
  await document.documentElement.requestFullscreen();
  await navigator.keyboard?.lock?.().catch(() => {}); // all keys: Esc for the game's menu, Ctrl+W, Alt+Tab and the like
  rfb?.focus();
});

// outside full screen a page cannot catch Ctrl+W (fire and forward): at least make the browser ask first
window.addEventListener("beforeunload", (event) => { if (rfb !== null && login.hidden) event.preventDefault(); });

// browsers silence pages in the background or when a call comes in
document.addEventListener("visibilitychange", () => { if (!document.hidden && secret !== null) sound.allow(); });

// if the first click was not enough for the browser, any later click or key is
for (const kind of ["pointerdown", "keydown"]) {
  window.addEventListener(kind, () => { if (secret !== null) sound.allow(); }, { capture: true, passive: true });
}

showSound();
login.hidden = false; // only now: before this, submitting it would have had no effect
password.focus();
window.pydoom = { sound, get rfb() { return rfb; } };
