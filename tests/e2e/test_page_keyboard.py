"""The browser page with a French keyboard: walking by position, text by letter, weapons without Shift."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from selenium import webdriver

from pydoom.kiosk.supervisor import find_novnc
from tests.e2e.desktop import tics
from tests.e2e.kiosks import start
from tests.e2e.test_browser import log_in
from tests.e2e.vnc import wait_for

pytestmark = pytest.mark.e2e

_PRESS = """
const [code, key, type] = arguments;
document.querySelector("canvas").dispatchEvent(new KeyboardEvent(type, { code, key, bubbles: true, cancelable: true }));
"""


def press(browser: webdriver.Chrome, code: str, key: str, seconds: float = 0.06) -> None:
    """Press the key at the position `code`, which types `key`."""
    browser.execute_script(_PRESS, code, key, "keydown")
    time.sleep(seconds)
    browser.execute_script(_PRESS, code, key, "keyup")
    time.sleep(0.06)


def test_the_page_tells_the_kiosk_which_layout_the_keyboard_has(
    wad_path: Path, tmp_path: Path, browser: webdriver.Chrome
) -> None:
    if find_novnc() is None:
        pytest.skip("noVNC is not installed (Debian: apt install novnc)")
    trace = tmp_path / "trace"
    kiosk = start(wad_path, tmp_path, web=True, game=("--warp", "E1M1", "--trace", str(trace)))
    try:
        log_in(browser, kiosk.web_port)
        wait_for("the level", lambda: len(tics(trace)) > 35)

        def walks_ahead() -> bool:
            press(browser, "KeyW", "z", 0.3)  # the first one tells the layout
            return any(int(row["fwd"]) > 0 for row in tics(trace))

        wait_for("walking", walks_ahead)
        press(browser, "KeyA", "q", 0.3)
        for code, key in (("KeyI", "i"), ("KeyD", "d"), ("KeyK", "k"), ("KeyF", "f"), ("KeyQ", "a")):
            press(browser, code, key)
        press(browser, "Digit1", "&")
        wait_for("the cheat", lambda: any(row["ammo0"] == "200" for row in tics(trace)))
        wait_for("the chainsaw", lambda: any(row["readyweapon"] == "7" for row in tics(trace)))
        assert any(int(row["side"]) < 0 for row in tics(trace))
    finally:
        kiosk.stop()
