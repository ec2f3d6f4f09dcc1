"""A real `pttd` process with a fake floor server, and a bare client to talk to it."""

import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import trio
from trio_websocket import WebSocketConnection, wrap_client_stream

from ptt.wire.signalling import (
    ClientMessage,
    Enrolled,
    Hello,
    ServerMessage,
    encode,
    parse_server_message_untrusted,
)
from tests.support.floor_rules import assert_rules_kept

SCRIPT = Path(__file__).with_name("daemon_without_voice.py")
ROOT = Path(__file__).parents[2]
PATIENCE = 10.0  # s

_T = TypeVar("_T")


@dataclass
class RealDaemon:
    """A daemon process and what it has logged."""

    data: Path
    process: trio.Process
    log: list[dict[str, Any]] = field(default_factory=list)
    _has_ended: bool = False
    _changed: trio.Event = field(default_factory=trio.Event)

    @property
    def port(self) -> int:
        return int(self.logged("ready")[0]["port"])

    def logged(self, event: str) -> list[dict[str, Any]]:
        return [entry for entry in self.log if entry["event"] == event]

    async def until(self, event: str, times: int = 1) -> dict[str, Any]:
        with trio.fail_after(PATIENCE):
            while len(self.logged(event)) < times:
                assert not self._has_ended, f"the daemon ended without {event}"
                await self._changed.wait()
        return self.logged(event)[-1]

    async def follow(self) -> None:
        assert self.process.stdout is not None
        rest = b""
        async for octets in self.process.stdout:
            *lines, rest = (rest + octets).split(b"\n")
            self.log += [json.loads(line) for line in lines]
            self._tell()
        self._has_ended = True
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    def request(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=PATIENCE, context=any_certificate()
        )
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def command(self, *arguments: str) -> str:
        done = run_pttd(*arguments, "--data", str(self.data))
        assert done.returncode == 0, done.stderr
        return done.stdout

    def enrol(self, name: str) -> Enrolled:
        return self.redeem(self.command("invite", name, "--host", "127.0.0.1"))

    def redeem(self, link: str) -> Enrolled:
        token = link.split("invite=")[1].split("&")[0].strip()
        body = json.dumps({"token": token, "device_name": "laptop"}).encode()
        status, answer = self.request("POST", "/v1/enrol", body)
        assert status == 200, answer
        return msgspec.json.decode(answer, type=Enrolled)


class BareClient:
    """A WebSocket that speaks signalling messages, without any sense."""

    def __init__(self, websocket: WebSocketConnection) -> None:
        self.websocket = websocket

    async def say(self, message: ClientMessage) -> None:
        await self.websocket.send_message(encode(message))

    async def hear(self) -> ServerMessage:
        with trio.fail_after(PATIENCE):
            return parse_server_message_untrusted(await self.websocket.get_message())

    async def wait_for(self, kind: type[_T]) -> _T:
        while True:
            message = await self.hear()
            if isinstance(message, kind):
                return message

    async def log_in(self, enrolled: Enrolled) -> None:
        await self.say(Hello(device=enrolled.device, secret=enrolled.secret))


def any_certificate() -> ssl.SSLContext:
    """Checks nothing: the pinned key is another room's test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@asynccontextmanager
async def bare_client(port: int) -> AsyncIterator[BareClient]:
    """An open WebSocket to `/v1/session`."""
    stream = await trio.open_ssl_over_tcp_stream("127.0.0.1", port, ssl_context=any_certificate())
    try:
        async with trio.open_nursery() as nursery:
            websocket = await wrap_client_stream(nursery, stream, "127.0.0.1", "/v1/session")
            yield BareClient(websocket)
            nursery.cancel_scope.cancel()
    finally:
        await trio.aclose_forcefully(stream)


@asynccontextmanager
async def real_daemon(data: Path, port: int = 0) -> AsyncIterator[RealDaemon]:
    """Start it, wait until it is ready; stop it in good order and see that it ends well."""
    process = await trio.lowlevel.open_process(
        [sys.executable, str(SCRIPT), str(data), str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.getenv("PYTHONPATH", "")])},
    )
    daemon = RealDaemon(data, process)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(daemon.follow)
        try:
            await daemon.until("ready")
            yield daemon
        finally:
            with trio.CancelScope(shield=True), trio.move_on_after(PATIENCE):
                if process.returncode is None:
                    process.send_signal(signal.SIGTERM)
                await process.wait()
            nursery.cancel_scope.cancel()
    assert_rules_kept(daemon.log)


def run_pttd(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command `pttd` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "ptt.switchboard", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        cwd=ROOT,
    )
