"""The search of the documentation site in a real headless Chromium: from a folder, and from a server."""

from __future__ import annotations

import functools
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from tests.conftest import ROOT
from tests.e2e.conftest import wait_for

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True)
    return folder


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(params=["folder", "server"])
def address(request: pytest.FixtureRequest, site: Path) -> Iterator[str]:
    """Where the site is, without a slash at the end."""
    if request.param == "folder":
        yield site.as_uri()
        return
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_search_finds_a_page_by_a_word_in_it(browser: webdriver.Chrome, address: str) -> None:
    browser.get(f"{address}/index.html")
    browser.find_element(By.CSS_SELECTOR, "label.md-header__button[for=__search]").click()
    box = browser.find_element(By.CSS_SELECTOR, ".md-search__input")
    wait_for("the search box", box.is_displayed)
    box.send_keys("linedef")
    found = wait_for("results", lambda: browser.find_elements(By.CSS_SELECTOR, ".md-search-result__link"))
    assert any(f"{address}/fidelity.html" in (link.get_attribute("href") or "") for link in found)
