"""The local socket of a running `ptt talk`: commands and other programs press its key.

    async with open_remote(status, replay) as remote:
        async for event in remote: ...

Every line must show the token; a connection that does not, or that sends what is no order, is
dropped without a word. `ptt press` stays pressed until `ptt release`; an order with `held` ends
with its connection. The asking side and the file are remote_orders.py.
"""

import hmac
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from math import inf
from pathlib import Path
from typing import Self

import msgspec
import trio

from ptt.client.client import Client
from ptt.client.groups import lone_errors
from ptt_desk.presses import Presses
from ptt_desk.remote_orders import (
    LONGEST_ORDER,
    LOOPBACK,
    Address,
    Answer,
    RemoteError,
    RemoteOrder,
    Status,
    address_path,
    ask,
    read_address,
)
from ptt_devices.keys import KeyEvent, Pressed, Released

# Implementation
MOST_CONNECTIONS = 16
PATIENCE = 2.0  # s for a connection to show the token
LONGEST_QUEUE = 64  # key events that nobody has taken; only ups go beyond
COMMANDS = "commands"  # the key of all orders that stay

BUSY = "`ptt talk` is busy: try again."
TAKEN = (
    "Another `ptt talk` runs already: `ptt press` and the like go to that one, "
    "so use a key of your own for this one."
)


@dataclass
class RemoteStatistics:
    """Non-zero `dropped`: connections without the token or with garbage; `refused`: too many at
    once; `missed`: key events that nobody took in time."""

    dropped: int = 0
    refused: int = 0
    missed: int = 0


class Remote:
    """What other programs press, as `async for event in remote`; `statistics` counts the rest."""

    def __init__(
        self,
        token: str,
        status: Callable[[], Status],
        replay: Callable[[], bool],
        show: Callable[[str], bool],
    ) -> None:
        self.statistics = RemoteStatistics()
        self._token = token.encode()
        self._status = status
        self._replay = replay
        self._show = show
        self._numbers = count(1)
        self._connections = 0
        self._down: set[str] = set()
        self._put, self._take = trio.open_memory_channel[KeyEvent](inf)  # bounded by _has_room

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> KeyEvent:
        return await self._take.receive()

    async def serve(self, stream: trio.SocketStream) -> None:
        """One connection, until it ends or misbehaves; raises nothing."""
        if self._connections >= MOST_CONNECTIONS:
            self.statistics.refused += 1
            await trio.aclose_forcefully(stream)
            return
        self._connections += 1
        key = f"socket:{next(self._numbers)}"
        try:
            with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                async with stream:
                    await self._obey_lines(stream, key)
        finally:
            self._connections -= 1
            if self._down & {key, f"{key}!"}:
                self._release(key)

    async def _obey_lines(self, stream: trio.SocketStream, key: str) -> None:
        lines, patience = _Lines(stream), PATIENCE
        while True:
            with trio.move_on_after(patience) as waited:
                line = await lines.next_untrusted()
            if waited.cancelled_caught or line is None:
                self.statistics.dropped += waited.cancelled_caught
                return
            order = self._order_untrusted(line)
            if order is None:
                self.statistics.dropped += 1
                return
            patience = inf  # it is ours: a pedal may rest for a day
            answer = self._obey(order, key if order.held else COMMANDS)
            await stream.send_all(msgspec.json.encode(answer) + b"\n")

    def _order_untrusted(self, line: bytes) -> RemoteOrder | None:
        try:
            order = msgspec.json.decode(line, type=RemoteOrder)
            shown = order.token.encode()
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return None
        return order if hmac.compare_digest(shown, self._token) else None

    def _obey(self, order: RemoteOrder, key: str) -> Answer:
        match order.do:
            case "press":
                return self._press(key, emergency=order.emergency)
            case "release":
                return self._release(key)
            case "toggle" if self._status().pressed:
                return self._release(key)
            case "toggle":
                self._release(key)  # if the floor ended its last press, it is down still
                return self._press(key, emergency=order.emergency)
            case "replay":
                played = self._replay()
                return Answer(played, "" if played else "There is nothing to hear again.")
            case "show":
                shown = self._show(order.link)
                return Answer(shown, "" if shown else "The running `ptt talk` has no window.")
            case "status":
                return Answer(ok=True, status=self._status())

    def _press(self, key: str, *, emergency: bool) -> Answer:
        if not self._has_room():
            return Answer(ok=False, sentence=BUSY)
        name = f"{key}!" if emergency else key  # which counts while the other one is down
        self._down.add(name)
        self._put.send_nowait(Pressed(emergency, name, latches=False))
        return Answer(ok=True)

    def _release(self, key: str) -> Answer:
        """What is down always comes up; for what is not there may be a latch to end."""
        down = self._down & {key, f"{key}!"}
        if not down and not self._has_room():
            return Answer(ok=False, sentence=BUSY)
        for name in sorted(down) or [key]:
            self._put.send_nowait(Released(name.endswith("!"), name))
        self._down -= down
        return Answer(ok=True)

    def _has_room(self) -> bool:
        has = self._put.statistics().current_buffer_used < LONGEST_QUEUE
        self.statistics.missed += not has
        return has


class _Lines:
    """Lines out of a stream, none longer than an order may be."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream
        self._rest = bytearray()

    async def next_untrusted(self) -> bytes | None:
        """None at the end, or when a line is too long."""
        while (end := self._rest.find(b"\n")) < 0:
            if len(self._rest) > LONGEST_ORDER:
                return None
            octets = await self._stream.receive_some(LONGEST_ORDER)
            if not octets:
                return None
            self._rest += octets
        line = bytes(self._rest[:end])
        del self._rest[: end + 1]
        return line


@asynccontextmanager
async def open_remote(
    status: Callable[[], Status],
    replay: Callable[[], bool] = lambda: False,
    show: Callable[[str], bool] = lambda link: False,
    path: Path | None = None,
) -> AsyncIterator[Remote]:
    """Listen on this machine only, until the block is left.

    `show` gets the invite, or "", with which a window is to come up; whether there is one.

    Raises RemoteError if another `ptt talk` of this person does so already, or if the address
    cannot be left anywhere.
    """
    path = path or address_path()
    await trio.to_thread.run_sync(_make_room, path)
    (listener,) = await trio.open_tcp_listeners(0, host=LOOPBACK)
    with lone_errors():
        async with listener, trio.open_nursery() as nursery:
            port: int = listener.socket.getsockname()[1]
            address = Address(port, secrets.token_urlsafe(32), os.getpid())
            with _published(path, address):
                remote = Remote(address.token, status, replay, show)
                nursery.start_soon(trio.serve_listeners, remote.serve, [listener])
                yield remote
            nursery.cancel_scope.cancel()


def status_of(presses: Presses, client: Client, server: str) -> Status:
    """How things stand at present."""
    channel = presses.channel
    return Status(
        person=client.person,
        server=server,
        channel=channel,
        pressed=presses.wanted,
        microphone_open=client.microphone_open,
        talker=client.talker(channel),
        waiting=client.waiting(channel),
        members=client.members(channel),
    )


def _make_room(path: Path) -> None:
    """Take away the file of one that is dead. Raises RemoteError if it lives."""
    found = read_address(path)
    if found is not None:
        try:
            ask("status", path=path)
        except RemoteError as error:
            if isinstance(error.__cause__, TimeoutError):  # stopped, but not dead
                raise RemoteError(TAKEN) from error
        else:
            raise RemoteError(TAKEN)
    if read_address(path) == found:  # and not of one that came meanwhile
        with suppress(OSError):
            path.unlink()


@contextmanager
def _published(path: Path, address: Address) -> Iterator[None]:
    """The file is whole as soon as it is there, and only its owner can read it."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        taken = not _leave(path, address)
    except OSError as error:
        raise RemoteError(f"{path} cannot be written: {error.strerror}.") from error
    if taken:
        raise RemoteError(TAKEN)
    try:
        yield
    finally:
        if read_address(path) == address:
            with suppress(OSError):
                path.unlink()


def _leave(path: Path, address: Address) -> bool:
    """Whole or not at all; False if there is one already."""
    fresh = path.with_name(f"{path.name}.{address.pid}")
    with suppress(FileNotFoundError):
        fresh.unlink()  # of one that died as it left it, with our number
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.encode(address))
        if os.name == "nt":
            fresh.rename(path)  # there it does not replace
        else:
            os.link(fresh, path)
    except FileExistsError:
        return False
    finally:
        with suppress(OSError):
            fresh.unlink()
    return True
