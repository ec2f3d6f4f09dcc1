"""The local socket: what commands press, and everything that others may send to it."""

import os
import socket
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import msgspec
import pytest
import trio

from ptt_desk.remote import (
    COMMANDS,
    LONGEST_QUEUE,
    MOST_CONNECTIONS,
    PATIENCE,
    Remote,
    open_remote,
)
from ptt_desk.remote_orders import (
    Address,
    Answer,
    Deed,
    RemoteError,
    RemoteOrder,
    Status,
    address_path,
    ask,
    read_address,
)
from ptt_devices.keys import KeyEvent, Pressed, Released

STATUS = Status(
    person="Anna",
    server="Factory",
    channel="Workshop",
    pressed=False,
    microphone_open=False,
    talker="Ben",
    members=("Anna", "Ben"),
)
TALK, UP = Pressed(key=COMMANDS, latches=False), Released(key=COMMANDS)
SOON = 5.0  # s
GARBAGE = [
    b"\n",
    b"hello\n",
    b"\xff\xfe\n",
    b'{"token": 1}\n',
    b'{"token": "\xed\xa0\x80", "do": "press"}\n',
    b"[" * 1000 + b"\n",
    b"x" * 100_000,
    b"GET / HTTP/1.1\r\n\r\n",
]


class Board:
    """A remote with a status that the test sets."""

    def __init__(self) -> None:
        self.status = STATUS
        self.replayed = 0
        self.shown: list[str] = []
        self.has_window = True

    def replay(self) -> bool:
        self.replayed += 1
        return self.replayed == 1

    def show(self, link: str) -> bool:
        self.shown.append(link)
        return self.has_window


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "talk.json"


@pytest.fixture
def board() -> Board:
    return Board()


@asynccontextmanager
async def opened(board: Board, path: Path) -> AsyncIterator[Remote]:
    async with open_remote(lambda: board.status, board.replay, board.show, path) as remote:
        yield remote


def leave(path: Path, content: bytes) -> None:
    """As another program left it there."""
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(0o600)


async def told(path: Path, do: Deed, *, emergency: bool = False) -> Answer:
    """As a command tells it, from a thread."""
    with trio.fail_after(SOON):
        return await trio.to_thread.run_sync(partial(ask, do, emergency=emergency, path=path))


async def next_events(remote: Remote, count: int) -> list[KeyEvent]:
    with trio.fail_after(SOON):
        return [await anext(remote) for _ in range(count)]


async def connect(path: Path) -> trio.SocketStream:
    address = read_address(path)
    assert address is not None
    return await trio.open_tcp_stream("127.0.0.1", address.port)


def order(path: Path, do: Deed, *, held: bool = False) -> bytes:
    address = read_address(path)
    assert address is not None
    return msgspec.json.encode(RemoteOrder(address.token, do, held=held)) + b"\n"


async def is_dropped(stream: trio.SocketStream) -> bool:
    """Whether the other side ends it, with no word."""
    with trio.fail_after(SOON):
        try:
            return await stream.receive_some() == b""
        except trio.BrokenResourceError:
            return True


@pytest.mark.parametrize("has_window", [True, False])
async def test_a_second_start_brings_up_the_window_with_its_link_if_there_is_one(
    board: Board, path: Path, has_window: bool
) -> None:
    board.has_window = has_window
    async with opened(board, path):
        ask_for_it = partial(ask, "show", link="ptt://server/?invite=1&key=2", path=path)
        answer = await trio.to_thread.run_sync(ask_for_it)

    assert board.shown == ["ptt://server/?invite=1&key=2"]
    assert answer.ok is has_window
    assert bool(answer.sentence) is not has_window


async def test_press_stays_until_release(board: Board, path: Path) -> None:
    async with opened(board, path) as remote:
        await told(path, "press")
        await told(path, "release")

        assert await next_events(remote, 2) == [TALK, UP]


async def test_release_releases_an_emergency_as_well(board: Board, path: Path) -> None:
    async with opened(board, path) as remote:
        await told(path, "press", emergency=True)
        await told(path, "release")

        pressed, released = await next_events(remote, 2)

    assert pressed == Pressed(emergency=True, key=f"{COMMANDS}!", latches=False)
    assert released == Released(emergency=True, key=f"{COMMANDS}!")


async def test_toggle_presses_what_is_up_and_releases_what_is_pressed(
    board: Board, path: Path
) -> None:
    async with opened(board, path) as remote:
        await told(path, "toggle")
        board.status = msgspec.structs.replace(STATUS, pressed=True)
        await told(path, "toggle")

        assert await next_events(remote, 3) == [UP, TALK, UP]


async def test_status_and_replay_are_answered(board: Board, path: Path) -> None:
    async with opened(board, path):
        status = await told(path, "status")
        first, second = await told(path, "replay"), await told(path, "replay")

    assert status.status == STATUS
    assert (first.ok, second.ok, second.sentence) == (
        True,
        False,
        "There is nothing to hear again.",
    )


async def test_a_press_that_is_held_ends_with_its_connection(board: Board, path: Path) -> None:
    async with opened(board, path) as remote:
        pedal = await connect(path)
        await pedal.send_all(order(path, "press", held=True))
        pressed = (await next_events(remote, 1))[0]
        await pedal.aclose()
        released = (await next_events(remote, 1))[0]

    assert pressed == Pressed(key="socket:1", latches=False)
    assert released == Released(key="socket:1")


async def test_a_connection_may_say_many_things(board: Board, path: Path) -> None:
    async with opened(board, path) as remote, await connect(path) as pedal:
        await pedal.send_all(order(path, "press", held=True) + order(path, "release", held=True))
        await pedal.send_all(order(path, "press"))

        keys = [event.key for event in await next_events(remote, 3)]

    assert keys == ["socket:1", "socket:1", COMMANDS]


async def test_without_the_token_nothing_is_heard(board: Board, path: Path) -> None:
    wrong = msgspec.json.encode(RemoteOrder("guess", "press")) + b"\n"

    async with opened(board, path) as remote, await connect(path) as stream:
        await stream.send_all(wrong)
        dropped = await is_dropped(stream)
        await told(path, "press")  # the next one is heard, and the first

        assert await next_events(remote, 1) == [TALK]
    assert (dropped, remote.statistics.dropped) == (True, 1)


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
async def test_garbage_is_dropped_and_the_next_order_heard(
    board: Board, path: Path, garbage: bytes
) -> None:
    async with opened(board, path) as remote, await connect(path) as stream:
        with suppress(trio.BrokenResourceError):  # it may hang up before the end
            await stream.send_all(garbage)
        assert await is_dropped(stream)
        await told(path, "press")

        assert await next_events(remote, 1) == [TALK]


async def test_who_says_nothing_is_dropped_after_a_while(
    board: Board, path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    ours, theirs = socket.socketpair()
    half_open = trio.SocketStream(trio.socket.from_stdlib_socket(ours))
    remote = Remote("token", lambda: STATUS, board.replay, lambda link: False)

    with theirs, trio.fail_after(PATIENCE + 0.1):
        await remote.serve(half_open)

    assert remote.statistics.dropped == 1


async def test_so_many_connections_and_no_more(board: Board, path: Path) -> None:
    async with opened(board, path) as remote:
        streams = [await connect(path) for _ in range(MOST_CONNECTIONS + 1)]
        dropped = await is_dropped(streams[-1])
        for stream in streams:
            await stream.aclose()

    assert (dropped, remote.statistics.refused) == (True, 1)


async def test_presses_that_nobody_takes_are_refused_but_each_release_comes(
    board: Board, path: Path
) -> None:
    async with opened(board, path) as remote:
        for _ in range(LONGEST_QUEUE // 2):
            await told(path, "press")
            await told(path, "release")
        refused = await told(path, "press")
        events = await next_events(remote, LONGEST_QUEUE)

    assert (refused.ok, "try again" in refused.sentence) == (False, True)
    assert events[-1] == UP


async def test_only_the_owner_can_read_the_token(board: Board, path: Path) -> None:
    async with opened(board, path):
        address = read_address(path)
        modes = [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent)]

    assert address is not None
    assert address.token not in repr(address)
    if sys.platform != "win32":
        assert modes == [0o600, 0o700]
    assert read_address(path) is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has a folder for each person")
async def test_an_address_that_others_may_write_is_not_believed(board: Board, path: Path) -> None:
    async with opened(board, path):
        os.chmod(path, 0o622)

        with pytest.raises(RemoteError, match="No `ptt talk` runs here"):
            ask("press", path=path)


async def test_a_second_one_is_told_of_the_first_and_changes_nothing(
    board: Board, path: Path
) -> None:
    async with opened(board, path) as first:
        before = read_address(path)
        with pytest.raises(RemoteError, match="Another `ptt talk`"):
            async with opened(Board(), path):
                pass
        after = read_address(path)
        await told(path, "press")

        assert await next_events(first, 1) == [TALK]
    assert before == after


@pytest.mark.parametrize(
    "left", [Address(1, "token", 1), None], ids=["of a dead one", "half written"]
)
async def test_the_file_of_a_dead_one_is_replaced(
    board: Board, path: Path, left: Address | None
) -> None:
    leave(path, msgspec.json.encode(left) if left else b'{"port": 12')

    async with opened(board, path) as remote:
        await told(path, "press")

        assert await next_events(remote, 1) == [TALK]


async def test_a_folder_that_cannot_be_written_is_one_sentence(
    board: Board, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(RemoteError, match="cannot be written"):
        async with opened(board, tmp_path / "file" / "talk.json"):
            pass


@pytest.mark.parametrize(
    "content",
    [None, b"", b"[]", b'{"port": 99999, "token": "", "pid": 1}', b'{"port": -1, "token": ""}'],
)
def test_where_nobody_talks_a_sentence_says_so(path: Path, content: bytes | None) -> None:
    if content is not None:
        leave(path, content)

    with pytest.raises(RemoteError, match="No `ptt talk` runs here: start it first"):
        ask("press", path=path)


@pytest.mark.parametrize("answer", [b"", b"hello\n", b"{}\n", b"\xff\n"])
async def test_another_program_at_that_port_is_nobody(path: Path, answer: bytes) -> None:
    async def say(stream: trio.SocketStream) -> None:
        async with stream:
            await stream.receive_some()
            await stream.send_all(answer or b"")

    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, say, listeners)
        port = listeners[0].socket.getsockname()[1]
        leave(path, msgspec.json.encode(Address(port, "token", 1)))

        with pytest.raises(RemoteError, match="No `ptt talk` runs here"):
            await told(path, "press")
        nursery.cancel_scope.cancel()


def test_the_address_lies_in_the_persons_runtime_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    if sys.platform == "linux":
        assert address_path() == tmp_path / "ptt" / "talk.json"


def test_without_a_runtime_folder_another_place_is_taken_without_a_word(
    monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)

    assert address_path().name == "talk.json"
    assert not recwarn.list


def test_a_place_that_is_not_safe_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> Path:
        raise PermissionError(f"{name} belongs to another user")

    monkeypatch.setattr("platformdirs.user_runtime_path", refuse)

    with pytest.raises(RemoteError, match="belongs to another user"):
        address_path()
