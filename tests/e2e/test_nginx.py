"""The documented nginx block in front of a real kiosk, over https: page, screen, keys, sound, cookie, at a sub-path."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests import certificates
from tests.conftest import ROOT
from tests.e2e.conftest import chromium, free_port, wait_for
from tests.e2e.kiosks import RunningKiosk, connected, start
from tests.e2e.test_browser import changed_share, log_in, press, screen, sound, visible
from tests.narrow import some

pytestmark = pytest.mark.e2e

NAME = "ops.example"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
DOCUMENTED_PORT = "127.0.0.1:6080"
SITE = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        server_name {name};
        ssl_certificate {folder}/cert.pem;
        ssl_certificate_key {folder}/key.pem;
        {block}
    }}
}}
"""


def documented_block() -> str:
    """The nginx block of the manual, word for word."""
    found = re.search(r"^```nginx\n(.*?)^```", (ROOT / "docs/playing.md").read_text(), re.MULTILINE | re.DOTALL)
    return some(found)[1]


@pytest.fixture
def kiosk(wad_path: Path, tmp_path: Path) -> Iterator[RunningKiosk]:
    running = start(wad_path, tmp_path, "--host-name", NAME, web=True)
    yield running
    running.stop()


@pytest.fixture
def site(kiosk: RunningKiosk, tmp_path: Path) -> Iterator[int]:
    """The port of an nginx with the documented block; only the kiosk's port is another one."""
    if NGINX is None:
        pytest.skip("nginx is not installed (Debian: apt install nginx-light)")
    folder = certificates.make(tmp_path, f"DNS:{NAME}")
    block = documented_block()
    assert block.count(DOCUMENTED_PORT) == 1
    block = block.replace(DOCUMENTED_PORT, f"127.0.0.1:{kiosk.web_port}")
    port = free_port()
    settings = tmp_path / "nginx.conf"
    settings.write_text(SITE.format(folder=folder, port=port, name=NAME, block=block))
    environment = {"PATH": os.environ["PATH"]}
    server = subprocess.Popen([NGINX, "-p", tmp_path, "-c", settings, "-e", tmp_path / "error.log"], env=environment)
    try:
        wait_for("nginx", lambda: server.poll() is not None or _listens(port))
        assert server.poll() is None, (tmp_path / "error.log").read_text()
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _listens(port: int) -> bool:
    try:
        connected(port).close()
    except OSError:
        return False
    return True


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    """A browser that knows the site's name and accepts its certificate."""
    flags = (f"--host-resolver-rules=MAP {NAME} 127.0.0.1", "--ignore-certificate-errors")
    with chromium(tmp_path / "profile", *flags) as browser:
        yield browser


def test_documented_nginx_block_serves_the_whole_game(site: int, visitor: webdriver.Chrome) -> None:
    log_in(visitor, f"https://{NAME}:{site}/doom")
    assert visitor.current_url == f"https://{NAME}:{site}/doom/"
    wait_for("the sound", lambda: sound(visitor)["state"] == "on" and sound(visitor)["packets"])
    before = screen(visitor)
    press(visitor, Keys.ARROW_LEFT, 0.5)
    wait_for("the view to turn", lambda: changed_share(before, screen(visitor)) > 0.2)
    (cookie,) = visitor.get_cookies()
    assert (cookie["path"], cookie["secure"], cookie["httpOnly"]) == ("/doom", True, True)
    # a reload needs no password: the cookie comes back through the proxy
    visitor.execute_script("window.onbeforeunload = null; window.pydoom.rfb.disconnect()")
    visitor.refresh()
    some(wait_for("the button", lambda: visible(visitor, "play"))).click()
    wait_for("the connection", lambda: visitor.find_element(By.ID, "state").text == "connected")
