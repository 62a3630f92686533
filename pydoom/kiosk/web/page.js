// The page: logs in with the VNC password, shows the game through noVNC and plays its sound.
// The password stays in this page's memory, to log in again when the kiosk was restarted; it is never sent (the page
// answers a challenge, see pydoom/kiosk/login.py). A session's cookie, which scripts cannot read, opens the sockets.
// All addresses are relative, so that the page works behind a proxy at a sub-path.

import RFB from "../novnc/core/rfb.js";
import { hmac } from "./hmac.js";
import { Keyboard } from "./keyboard.js";
import { Sound } from "./sound.js";

const RETRY_MS = 2000;
const VNC_PASSWORD_LENGTH = 8; // VNC ignores the rest
const CONTEXT = "pydoom page:";

const element = (id) => document.getElementById(id);
const address = (path) => new URL(path, document.baseURI).href;
const socketAddress = (path) => address(path).replace(/^http/, "ws");

const login = element("login");
const password = element("password");
const soundButton = element("sound");

let secret = null; // the password, if it was typed since the page was loaded
let playing = false; // wanted: the form was submitted, and the password was not wrong
let rfb = null;
const sound = new Sound(socketAddress("sound"), showSound);
const keyboard = new Keyboard(tellLayout);

function showState(text, link) {
  element("state").textContent = text;
  element("lost").hidden = !(link === "off" && playing);
  document.body.dataset.link = link;
}

function showSound() {
  soundButton.textContent = { on: "Sound on", off: "Sound off", waiting: "Click for sound",
                              connecting: "Sound …", unsupported: "No sound: needs https or localhost" }[sound.state];
  soundButton.setAttribute("aria-pressed", String(sound.state === "on"));
  soundButton.disabled = sound.state === "unsupported";
}

async function tellLayout(layout) {
  if (!login.hidden || layout !== keyboard.layout) return;
  const response = await fetch(address("keyboard"), { method: "POST", body: layout }).catch(() => null);
  if (response?.status === 429) setTimeout(tellLayout, RETRY_MS, layout);
}

async function fetchSession() {
  const response = await fetch(address("session"), { cache: "no-store" });
  if (!response.ok) throw new Error(await response.text());
  const session = await response.json();
  if (session.kill) element("kill").textContent = session.kill;
  return session;
}

// Whether there is a session now. Throws where the server does not say yes or no.
async function logIn() {
  const session = await fetchSession();
  if (session.open) return true;
  if (secret === null) return false;
  const { challenge } = session;
  const body = JSON.stringify({ challenge, answer: hmac(secret, CONTEXT + challenge) });
  const response = await fetch(address("login"), { method: "POST", body });
  if (response.ok) return true;
  if (response.status === 403) return false;
  throw new Error(response.status === 429 ? (await response.json()).problem : await response.text());
}

async function connect() {
  showState("connecting", "");
  let open = false;
  try {
    open = await logIn();
  } catch (error) {
    showState(error instanceof TypeError ? "disconnected, trying again" : error.message, "off");
    setTimeout(connect, RETRY_MS);
    return;
  }
  if (open) {
    show();
  } else {
    askAgain(secret === null ? "log in again" : "wrong password");
  }
}

function show() {
  rfb = new RFB(element("screen"), socketAddress("websockify"));
  rfb.scaleViewport = true;
  rfb.background = "#000";
  rfb.qualityLevel = 8; // measured: the same frame rate as with 0, and sharp
  rfb.compressionLevel = 0;
  rfb.addEventListener("connect", () => {
    showState("connected", "on");
    login.hidden = true;
    sound.listen();
    keyboard.announce();
    rfb.focus();
  });
  rfb.addEventListener("disconnect", () => {
    sound.leave();
    showState("disconnected, trying again", "off");
    setTimeout(connect, RETRY_MS);
  });
}

function askAgain(problem) {
  secret = null;
  playing = false;
  showState(problem, "off");
  element("problem").textContent = problem;
  showForm(false);
  password.value = "";
  password.focus();
}

function showForm(loggedIn) {
  for (const part of [password, element("password-label")]) part.hidden = loggedIn;
  password.required = !loggedIn;
  login.hidden = false;
}

login.addEventListener("submit", (event) => {
  event.preventDefault();
  if (playing) return; // already in progress
  playing = true;
  secret = password.value.slice(0, VNC_PASSWORD_LENGTH) || null;
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
document.addEventListener("visibilitychange", () => { if (!document.hidden && playing) sound.allow(); });

// if the first click was not enough for the browser, any later click or key is
for (const kind of ["pointerdown", "keydown"]) {
  window.addEventListener(kind, () => { if (playing) sound.allow(); }, { capture: true, passive: true });
}

window.pydoom = { sound, get rfb() { return rfb; } };
showSound();
const loggedIn = await fetchSession().then((session) => session.open, () => false); // before, or in another tab
showForm(loggedIn); // only now: until here nothing handled its submit
(loggedIn ? element("play") : password).focus();
