"""A Docker engine that misbehaves as a test asks: the few calls the bridge makes, over a Unix socket."""

from __future__ import annotations

import json
import queue
import re
import socket
import socketserver
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TypedDict, cast
from urllib.parse import parse_qs, unquote, urlsplit

IMAGE_ID = "sha256:" + "5d" * 32


class Summary(TypedDict, total=False):
    """One entry of the engine's list, and what `inspection` is to tell of it."""

    Id: str
    Names: list[str]
    Image: str
    ImageID: str
    State: str
    Created: int
    Labels: dict[str, str]
    HostConfig: dict[str, str]
    ConfigImage: str
    RestartCount: int


def summary(number: int, name: str = "", **more: object) -> Summary:
    """One entry of the engine's list, with `more` of anything in it, also of the wrong type."""
    found = Summary(
        Id=f"{number:064x}",
        Names=[f"/{name or f'c-{number}'}"],
        Image="busybox",
        ImageID=IMAGE_ID,
        State="running",
        Created=1_700_000_000 + number,
        Labels={},
    )
    return cast(Summary, {**found, **more})


def inspection(entry: Summary) -> dict[str, object]:
    """The engine's details of one container on its list."""
    return {
        "Id": entry["Id"],
        "Name": entry["Names"][0],
        "Image": entry["ImageID"],
        "Created": "2023-11-14T22:13:20.5Z",
        "RestartCount": entry.get("RestartCount", 0),
        "State": {
            "Status": entry["State"],
            "Running": entry["State"] in ("running", "paused"),
            "Paused": entry["State"] == "paused",
            "StartedAt": "2023-11-14T22:13:21.5Z",
        },
        "Config": {"Image": entry.get("ConfigImage", entry["Image"]), "Labels": entry["Labels"]},
        "HostConfig": entry.get("HostConfig", {}),
        "NetworkSettings": {"Networks": {"bridge": {"NetworkID": "ab" * 32}}},
    }


class FakeDocker:
    """Listens on `url`. `containers` is what it lists; `hook(method, path)` may answer with (status, body) instead."""

    def __init__(self, folder: Path) -> None:
        self.containers: list[Summary] = []
        self.removed: list[str] = []
        self.posted: list[str] = []
        self.tags: dict[str, list[str]] = {}  # by image ID
        self.requests: list[str] = []
        self.hook: Callable[[str, str], tuple[int, bytes] | None] = lambda method, path: None
        self.answer: Callable[[socket.socket], None] | None = None  # answers everything instead
        self.go = threading.Event()  # cleared: requests are accepted and not answered
        self.go.set()
        self._streams: list[queue.SimpleQueue[bytes | None]] = []
        self._path = folder / "fake-docker.sock"
        self.url = f"unix://{self._path}"
        self.start()

    def start(self) -> None:
        """Listen."""
        self._path.unlink(missing_ok=True)
        self._server = _Server(str(self._path), _Handler)
        self._server.engine = self
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Break off the event streams and stop listening."""
        self._path.unlink(missing_ok=True)
        self._server.shutdown()
        self._server.server_close()
        self.break_streams()
        self.go.set()

    def break_streams(self) -> None:
        """End every event stream, as a proxy with a time limit does."""
        for each in self._streams:
            each.put(None)
        self._streams.clear()

    def tell(self, action: str, container_id: str) -> None:
        """Send an event to all listeners."""
        self.tell_raw(json.dumps({"Type": "container", "Action": action, "id": container_id}).encode() + b"\n")

    def tell_raw(self, data: bytes) -> None:
        """Send anything to all listeners."""
        for each in self._streams:
            each.put(data)

    def listeners(self) -> int:
        """The number of listeners to events."""
        return len(self._streams)

    def listen(self) -> queue.SimpleQueue[bytes | None]:
        """A new event stream."""
        stream: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._streams.append(stream)
        return stream


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64
    engine: FakeDocker

    def handle_error(self, request: object, client_address: object) -> None:
        return  # clients leave when they like


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: object) -> None:
        return

    def address_string(self) -> str:
        return "unix"

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def _serve(self, method: str) -> None:
        engine = self.server.engine
        address = urlsplit(self.path)
        path = unquote(address.path)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        engine.requests.append(f"{method} {self.path}")
        engine.go.wait()
        if engine.answer is not None:
            engine.answer(self.connection)
            self.close_connection = True
            return
        instead = engine.hook(method, path)
        if instead is not None:
            self._answer(*instead)
        elif path.endswith("/version"):
            self._answer(200, b'{"ApiVersion":"1.41","Version":"20.10"}')
        elif path.endswith("/_ping"):
            self._answer(200, b"OK")
        elif path.endswith("/events"):
            self._stream()
        elif path.endswith("/containers/json"):
            query = parse_qs(address.query)
            wanted = json.loads(query.get("filters", ["{}"])[0]).get("id")
            found = [each for each in engine.containers if wanted is None or each.get("Id") in wanted]
            if "all" not in query:
                found = [each for each in found if each.get("State") not in ("created", "exited", "dead")]
            self._answer(200, json.dumps(found).encode())
        elif method == "GET" and re.search(r"/containers/\w+/json$", path):
            mine = [each for each in engine.containers if each["Id"] == path.split("/")[-2]]
            self._answer(200, json.dumps(inspection(mine[0])).encode()) if mine else self._answer(404, b"{}")
        elif "/images/" in path:
            tags = engine.tags.get(path.split("/")[-2])
            self._answer(404, b"{}") if tags is None else self._answer(200, json.dumps({"RepoTags": tags}).encode())
        elif path.endswith("/stats"):
            self._answer(200, b'{"memory_stats":{"usage":4096}}')
        elif method == "POST":
            engine.posted.append(path.partition("containers/")[2])
            self._answer(204, b"")
        elif method == "DELETE":
            identity = path.rpartition("/")[2]
            engine.containers = [each for each in engine.containers if each["Id"] != identity]
            engine.removed.append(identity)
            self._answer(204, b"")
        else:
            self._answer(404, b'{"message":"page not found"}')

    def _stream(self) -> None:
        stream = self.server.engine.listen()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        while (data := stream.get()) is not None:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()
        self.close_connection = True  # without the last chunk: broken off

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
