"""A reverse proxy that serves a site below a path of its own, as a web server in front of the kiosk does."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from typing import Final

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web

from tests.narrow import some

_KEPT: Final = ("Host", "Origin", "Cookie", "Content-Type")
_RETURNED: Final = ("Content-Type", "Set-Cookie", "Content-Security-Policy")
Socket = web.WebSocketResponse | ClientWebSocketResponse


@contextlib.contextmanager
def proxied(port: int, prefix: str) -> Iterator[int]:
    """Serve what is at `port` below `prefix`, such as ``/doom/``, and nothing else; gives the proxy's port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(work: web.AppRunner | None) -> web.AppRunner:
        step = _start(port, prefix) if work is None else _stop(work)
        return asyncio.run_coroutine_threadsafe(step, loop).result(20)

    runner = run(None)
    yield int(runner.addresses[0][1])
    run(runner)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(20)
    loop.close()


async def _start(port: int, prefix: str) -> web.AppRunner:
    async def forward(request: web.Request) -> web.StreamResponse:
        url = f"http://127.0.0.1:{port}/{request.match_info['path']}"
        headers = {name: request.headers[name] for name in _KEPT if name in request.headers}
        async with ClientSession() as session:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await _forward_socket(request, session, url, headers)
            async with session.request(request.method, url, headers=headers, data=await request.read()) as answer:
                kept = {name: answer.headers[name] for name in _RETURNED if name in answer.headers}
                return web.Response(status=answer.status, body=await answer.read(), headers=kept)

    app = web.Application()
    app.router.add_route("*", prefix + "{path:.*}", forward)
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


async def _stop(runner: web.AppRunner) -> web.AppRunner:
    await runner.cleanup()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    return runner


async def _forward_socket(
    request: web.Request, session: ClientSession, url: str, headers: dict[str, str]
) -> web.StreamResponse:
    browser = web.WebSocketResponse(max_msg_size=0)
    async with session.ws_connect(url, headers=headers, max_msg_size=0) as server:
        await browser.prepare(request)
        tasks = [asyncio.create_task(_copy(*way)) for way in ((browser, server), (server, browser))]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await browser.close()
    return browser


async def _copy(source: Socket, target: Socket) -> None:
    async for message in source:
        if message.type is WSMsgType.BINARY:
            await target.send_bytes(some(message.data))
        elif message.type is WSMsgType.TEXT:
            await target.send_str(some(message.data))
