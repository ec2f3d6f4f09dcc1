"""The place where the log goes is full, or nobody reads it any more: nobody is stopped by that."""

import errno
import http.client
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, redirect_stdout
from pathlib import Path
from time import monotonic, sleep

import pytest
import trio

from ptt.switchboard.logs import make_log
from ptt.switchboard.setting_up import listen
from ptt.wire.signalling import ChannelKey, Join
from tests.support.switchboard_daemon import (
    PATIENCE,
    ROOT,
    RealDaemon,
    any_certificate,
    bare_client,
)

FULL = Path("/dev/full")


class FullDisk(io.StringIO):
    """Has room again once `is_full` is false."""

    is_full = True

    def flush(self) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")


def test_the_next_line_says_how_many_could_not_be_written() -> None:
    with redirect_stdout(FullDisk()) as disk:
        log = make_log()
        log.info("first")
        log.info("second")
        disk.is_full = False
        log.info("third")
        log.info("fourth")

    lines = [json.loads(line) for line in disk.getvalue().splitlines()]
    assert {each["event"]: each.get("unwritten") for each in lines[2:]} == {
        "third": 2,
        "fourth": None,
    }


class MuteDaemon(RealDaemon):
    """A daemon of which nobody hears a line; its port is known beforehand."""

    def __init__(self, data: Path, port: int) -> None:
        self.data = data
        self._port = port

    @property
    def port(self) -> int:
        return self._port

    def wait_until_ready(self) -> None:
        """Raises TimeoutError."""
        until = monotonic() + PATIENCE
        while monotonic() < until:
            probe = http.client.HTTPSConnection(
                "127.0.0.1", self.port, timeout=PATIENCE, context=any_certificate()
            )
            try:
                probe.request("GET", "/healthz")
                if probe.getresponse().status == 200:
                    return
            except OSError:
                sleep(0.05)
            finally:
                probe.close()
        raise TimeoutError


@contextmanager
def pttd(data: Path, log: int) -> Iterator[tuple[MuteDaemon, "subprocess.Popen[str]"]]:
    """The command itself, with its standard output there."""
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ptt.switchboard", "--data", str(data), "--port", str(port)]
    # As a service has it: what cannot be written stays in a buffer until the end.
    buffered = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        [*command, "--host", "127.0.0.1"],
        stdout=log,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=buffered,
    ) as process:
        try:
            yield MuteDaemon(data, port), process
        finally:
            process.terminate()


@contextmanager
def full_file() -> Iterator[int]:
    """Each write fails: no space left on the device."""
    if not FULL.exists():
        pytest.skip("this system has no /dev/full")
    with FULL.open("wb") as file:
        yield file.fileno()


@contextmanager
def left_pipe() -> Iterator[int]:
    """Each write fails: nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.mark.slow
@pytest.mark.parametrize("place", [full_file, left_pipe])
async def test_who_enrols_and_joins_does_not_notice_that_the_log_is_full(
    tmp_path: Path, place: Callable[[], AbstractContextManager[int]]
) -> None:
    with place() as log, pttd(tmp_path, log) as (daemon, process):
        await trio.to_thread.run_sync(daemon.wait_until_ready)
        enrolled = await trio.to_thread.run_sync(daemon.enrol, "Anna")
        async with bare_client(daemon.port) as client:
            await client.log_in(enrolled)
            await client.say(Join(channel=1))
            await client.wait_for(ChannelKey)
        process.terminate()
        _, complaint = await trio.to_thread.run_sync(process.communicate)

    assert (process.returncode, complaint) == (0, "")
