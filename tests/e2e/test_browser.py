"""The browser page in a real headless Chromium: the screen moves, key presses reach the game, sound comes back."""

from __future__ import annotations

import hmac
import io
import time
from typing import TypedDict

import numpy as np
import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.e2e.conftest import PASSWORD, Composed, wait_for
from tests.e2e.subpath import proxied
from tests.narrow import some

pytestmark = pytest.mark.e2e


def screen(browser: webdriver.Chrome) -> np.ndarray:
    canvas = browser.find_element(By.TAG_NAME, "canvas")
    return np.asarray(Image.open(io.BytesIO(canvas.screenshot_as_png)).convert("RGB")).astype(int)


def changed_share(before: np.ndarray, after: np.ndarray) -> float:
    """The share of pixels that differ clearly."""
    return float((np.abs(before - after).max(axis=2) > 24).mean())


def log_in(browser: webdriver.Chrome, site: int | str) -> None:
    """Open the page, at an address or at a port of this machine, and wait for the game."""
    browser.get(site if isinstance(site, str) else f"http://127.0.0.1:{site}/")
    password = wait_for("the password form", lambda: visible(browser, "password"))
    password.send_keys(PASSWORD + Keys.ENTER)
    wait_for("the connection", lambda: browser.find_element(By.ID, "state").text == "connected")
    wait_for("a frame", lambda: screen(browser).std() > 10)


def visible(browser: webdriver.Chrome, element_id: str) -> WebElement | None:
    found = browser.find_elements(By.ID, element_id)
    return found[0] if found and found[0].is_displayed() else None


def press(browser: webdriver.Chrome, key: str, seconds: float = 0.06) -> None:
    ActionChains(browser).key_down(key).pause(seconds).key_up(key).perform()
    time.sleep(0.06)


def test_the_screen_moves_and_keys_reach_the_game(composed: Composed, browser: webdriver.Chrome) -> None:
    log_in(browser, composed.web_port)
    before = screen(browser)
    press(browser, Keys.ARROW_LEFT, 0.5)
    wait_for("the view to turn", lambda: changed_share(before, screen(browser)) > 0.2)
    time.sleep(0.5)  # the rest of the turn is still arriving
    turned = screen(browser)
    press(browser, Keys.TAB)
    wait_for("the automap", lambda: changed_share(turned, screen(browser)) > 0.4)


class PageSound(TypedDict):
    """See `sound`."""

    state: str
    packets: int
    loudest: float
    delay: float


def sound(browser: webdriver.Chrome) -> PageSound:
    """What the page's player reports: its state, the loudest sample so far (1.0 is full scale), its delay."""
    told: PageSound = browser.execute_script(
        "const {sound} = window.pydoom;"
        "return {state: sound.state, packets: sound.packets, loudest: sound.played.loudest, delay: sound.latencyMs}"
    )
    return told


def test_shot_is_heard(composed: Composed, browser: webdriver.Chrome) -> None:
    browser.get(f"http://127.0.0.1:{composed.web_port}/")
    assert sound(browser) == {"state": "off", "packets": 0, "loudest": 0, "delay": 0}
    log_in(browser, composed.web_port)
    wait_for("the sound", lambda: sound(browser)["state"] == "on" and sound(browser)["packets"])
    time.sleep(1)
    mute_music(browser)
    assert sound(browser)["loudest"] < 0.02
    press(browser, Keys.CONTROL, 0.4)  # on a busy machine the game may miss a shorter tap
    wait_for("the shot", lambda: sound(browser)["loudest"] > 0.1, 5)
    assert 0 < sound(browser)["delay"] < 150, "milliseconds between the network and the ear"


def mute_music(browser: webdriver.Chrome) -> None:
    """Turn the music down in the game's menu, let it fade, and listen again."""
    for key in [Keys.F4, "m", *[Keys.ARROW_LEFT] * 9, Keys.ESCAPE]:
        press(browser, key)
    time.sleep(2)
    browser.execute_script("window.pydoom.sound.played.loudest = 0")
    time.sleep(0.5)


def test_sound_can_be_turned_off_and_on(composed: Composed, browser: webdriver.Chrome) -> None:
    log_in(browser, composed.web_port)
    wait_for("the sound", lambda: sound(browser)["state"] == "on")
    browser.find_element(By.ID, "sound").click()
    assert sound(browser)["state"] == "off"
    time.sleep(0.5)
    heard = sound(browser)["packets"]
    time.sleep(0.5)
    assert sound(browser)["packets"] == heard
    browser.find_element(By.ID, "sound").click()
    wait_for("the sound again", lambda: sound(browser)["packets"] > heard)


def test_wrong_password_opens_neither_screen_nor_sound(composed: Composed, browser: webdriver.Chrome) -> None:
    browser.get(f"http://127.0.0.1:{composed.web_port}/")
    password = wait_for("the password form", lambda: visible(browser, "password"))
    password.send_keys("wrong" + Keys.ENTER)
    wait_for("the refusal", lambda: browser.find_element(By.ID, "state").text == "wrong password")
    assert visible(browser, "password")
    assert sound(browser)["packets"] == 0


def test_reloaded_page_needs_no_password_and_no_script_sees_why(composed: Composed, browser: webdriver.Chrome) -> None:
    log_in(browser, composed.web_port)
    assert browser.execute_script("return document.cookie") == ""
    browser.execute_script("window.onbeforeunload = null; window.pydoom.rfb.disconnect()")
    browser.refresh()
    wait_for("the button", lambda: visible(browser, "play"))
    assert not visible(browser, "password")
    some(visible(browser, "play")).click()
    wait_for("the connection", lambda: browser.find_element(By.ID, "state").text == "connected")


def test_page_computes_the_answers_that_the_server_expects(composed: Composed, browser: webdriver.Chrome) -> None:
    browser.get(f"http://127.0.0.1:{composed.web_port}/")
    script = "const [key, text, done] = arguments; import('/page/hmac.js').then(({hmac}) => done(hmac(key, text)))"
    for length in (0, 1, 55, 56, 64, 119, 200):
        key, text = "pässword"[: length % 9], "é" * (length % 2) + "x" * length
        answer = hmac.new(key.encode(), text.encode(), "sha256").hexdigest()
        assert browser.execute_async_script(script, key, text) == answer


def test_page_works_below_a_path_of_a_reverse_proxy(composed: Composed, browser: webdriver.Chrome) -> None:
    with proxied(composed.web_port, "/doom/") as port:
        log_in(browser, f"http://127.0.0.1:{port}/doom/")
        wait_for("the sound", lambda: sound(browser)["state"] == "on" and sound(browser)["packets"])
        (cookie,) = browser.get_cookies()
        assert cookie["path"] == "/doom", "the proxy's other sites do not get it"
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "Strict"
