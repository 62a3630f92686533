"""The browser page in a real headless Chromium: the picture moves and key presses reach the game."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e.conftest import PASSWORD, Composed, wait_for

pytestmark = pytest.mark.e2e

_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=900,700"
)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium") or shutil.which("google-chrome")
    if driver is None or chromium is None:
        pytest.skip("no Chromium with its driver (Debian: apt install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in _FLAGS.split():
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path / 'profile'}")
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield chrome
    chrome.quit()


def picture(browser: webdriver.Chrome) -> np.ndarray:
    canvas = browser.find_element(By.TAG_NAME, "canvas")
    return np.asarray(Image.open(io.BytesIO(canvas.screenshot_as_png)).convert("RGB")).astype(int)


def changed_share(before: np.ndarray, after: np.ndarray) -> float:
    """The share of pixels that differ clearly."""
    return float((np.abs(before - after).max(axis=2) > 24).mean())


def log_in(browser: webdriver.Chrome, port: int) -> None:
    browser.get(f"http://127.0.0.1:{port}/")
    password = wait_for("the password form", lambda: visible(browser, "password"))
    password.send_keys(PASSWORD + Keys.ENTER)
    wait_for("the connection", lambda: browser.find_element(By.ID, "state").text == "connected")
    wait_for("a picture", lambda: picture(browser).std() > 10)


def visible(browser: webdriver.Chrome, element_id: str):
    found = browser.find_elements(By.ID, element_id)
    return found[0] if found and found[0].is_displayed() else None


def press(browser: webdriver.Chrome, key: str, seconds: float = 0.06) -> None:
    ActionChains(browser).key_down(key).pause(seconds).key_up(key).perform()
    time.sleep(0.06)


def test_picture_moves_and_keys_reach_the_game(composed: Composed, browser: webdriver.Chrome) -> None:
    log_in(browser, composed.web_port)
    before = picture(browser)
    press(browser, Keys.ARROW_LEFT, 0.5)
    turned = picture(browser)
    assert changed_share(before, turned) > 0.2, "turning left changes most of the view"
    press(browser, Keys.TAB)
    wait_for("the automap", lambda: changed_share(turned, picture(browser)) > 0.4)


def test_wrong_password_shows_no_picture(composed: Composed, browser: webdriver.Chrome) -> None:
    browser.get(f"http://127.0.0.1:{composed.web_port}/")
    password = wait_for("the password form", lambda: visible(browser, "password"))
    password.send_keys("wrong" + Keys.ENTER)
    wait_for("the refusal", lambda: browser.find_element(By.ID, "state").text == "wrong password")
