"""S16 and S17: whatever strangers write, a log line is one JSON object, and there are few of them.

Names through every field: of an invite, a channel, a device, and of what Hello says.
"""

import io
import itertools
import json
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
import trio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ptt.errors import ConfigError, PttError
from ptt.switchboard.logs import make_log, stdlib_logger
from ptt.switchboard.names import clean_name, name_key
from ptt.switchboard.records import ChannelSettings, Device
from ptt.switchboard.store import channels, people
from ptt.switchboard.store.database import Store, open_store
from ptt.wire.signalling import Hello
from ptt_demo.daemon import running_daemon
from tests.support.floor_rules import assert_rules_kept
from tests.support.raw_websocket import frame, raw_websocket
from tests.support.switchboard_daemon import RealDaemon, any_certificate, real_daemon, run_pttd

HOSTILE = [
    "a\nb",
    'a\r\n{"event":"ready"}',
    "\x1b[2J\x1b]0;owned\x07",
    "\u202egnp.exe",
    "\u2028\u2029\x85",
    "../../../etc/passwd",
    "..\\..\\boot.ini",
    "CON",
    "a:b",
    "/",
    ".",
    "%n%s%x",
    "'; DROP TABLE people; --",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "--help",
    "x" * 10_000,
    "\U0001f9d1\u200d\U0001f692" * 30,
    "I\u0307\u0131\u0130",
    "Z\u0351\u036b\u0343" * 20,
]
FLOOD = 100_000  # datagrams
STRANGERS = 25  # connections of each kind
LINES = 100
FILES = ["key.lock", "ptt.sqlite3", "server-certificate.pem", "server-key.pem"]

texts = st.one_of(st.text(max_size=100), st.sampled_from(HOSTILE))


@contextmanager
def log_lines() -> Iterator[list[str]]:
    """What is written to the log within the block."""
    lines: list[str] = []
    out, sys.stdout = sys.stdout, io.StringIO()
    try:
        yield lines
        lines += sys.stdout.getvalue().split("\n")[:-1]
    finally:
        sys.stdout = out


def is_one_object(line: str) -> bool:
    return len(line.splitlines()) == 1 and isinstance(json.loads(line), dict)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


counter = itertools.count()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts, texts, texts)
def test_names_are_refused_or_kept_literally_and_logged_in_one_line(
    store: Store, person: str, channel: str, device: str
) -> None:
    token = next(counter).to_bytes(32, "big")
    try:
        with store.write() as transaction:
            invited = people.add_invite(transaction, person, None, token, 100.0)
            made = channels.add_channel(transaction, ChannelSettings(name=channel))
            enrolled = Device(token.hex(), 0, clean_name(device, "device's name"), token)
            people.redeem_invite(transaction, token, enrolled, 50.0)
            devices = people.all_devices(transaction)
    except PttError:
        return

    with log_lines() as lines:
        make_log().info("enrolled", person=invited.name, channel=made.name, name=enrolled.name)
    assert name_key(person.strip()) == name_key(invited.name)  # perhaps Anna was anna before
    assert clean_name(channel) == made.name
    assert enrolled.name in {each.name for each in devices}
    assert [is_one_object(line) for line in lines] == [True]


@given(st.text(), st.text())
def test_what_libraries_log_of_strangers_is_one_object_too(name: str, words: str) -> None:
    logger = stdlib_logger(f"library {next(counter)}")

    with log_lines() as lines:
        logger.warning("%s said %s", name, words)

    assert [is_one_object(line) for line in lines] == [True]


def test_what_libraries_log_again_and_again_is_one_line() -> None:
    logger = stdlib_logger("a library that complains")

    with log_lines() as lines:
        for number in range(1000):
            logger.warning("Error number %s", number)

    assert len(lines) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_in_a_command_is_refused_in_a_sentence_or_kept(
    tmp_path: Path, name: str
) -> None:
    done = run_pttd("invite", "--data", str(tmp_path), "--", name)

    assert done.returncode in (0, 1)
    assert len(done.stderr.splitlines()) == done.returncode
    assert "Traceback" not in done.stderr
    try:
        clean_name(name)
    except ConfigError:
        assert done.returncode == 1
    assert sorted(path.name for path in tmp_path.rglob("*")) == FILES


@pytest.mark.slow
async def test_hostile_texts_from_the_network_are_answered_and_logged_as_one_object(
    tmp_path: Path,
) -> None:
    async with real_daemon(tmp_path) as daemon:  # which reads each line of its log as JSON
        link = await trio.to_thread.run_sync(daemon.command, "invite", "Anna")
        token = link.split("invite=")[1].split("&")[0]
        async with trio.open_nursery() as nursery:
            for text in HOSTILE:
                nursery.start_soon(enrol_as, daemon, text, "Anna's laptop")
                nursery.start_soon(enrol_as, daemon, token, text)
        for text in HOSTILE:
            async with raw_websocket(daemon.port) as stranger:
                await stranger.say(Hello(device=text, secret=text.encode(), software=text))
                assert (await stranger.hear())["type"] == "refused"
        log = list(daemon.log)
    assert all(set(line) >= {"event", "level", "timestamp"} for line in log)
    assert len(log) < LINES


async def enrol_as(daemon: RealDaemon, token: str, device: str) -> None:
    body = json.dumps({"token": token, "device_name": device}).encode()
    status, _ = await trio.to_thread.run_sync(daemon.request, "POST", "/v1/enrol", body)
    assert status in (200, 400, 403, 429)


@pytest.mark.slow
async def test_a_flood_of_rubbish_leaves_few_lines_in_the_log(tmp_path: Path) -> None:
    rng = Random(1)
    async with running_daemon(tmp_path) as daemon:
        before = len(daemon.log)
        await send_rubbish(daemon.port, rng)
        for _ in range(STRANGERS):
            await say_rubbish(daemon.port, rng)
        written = len(daemon.log) - before

    assert_rules_kept(daemon.log)
    assert 0 < written <= LINES


async def send_rubbish(port: int, rng: Random) -> None:
    octets = rng.randbytes(60)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.connect(("127.0.0.1", port))
        for number in range(FLOOD):
            udp.send(bytes([128 + number % 64, number % 256]) + octets)
            if number % 100 == 0:
                await trio.sleep(0.001)


async def say_rubbish(port: int, rng: Random) -> None:
    """No TLS; TLS and no HTTP; a WebSocket and no Hello; a Hello of nobody."""
    async with await trio.open_tcp_stream("127.0.0.1", port) as plain:
        await plain.send_all(rng.randbytes(100))
    stream = await trio.open_ssl_over_tcp_stream("127.0.0.1", port, ssl_context=any_certificate())
    await stream.send_all(rng.randbytes(100))
    await trio.aclose_forcefully(stream)
    async with raw_websocket(port) as stranger:
        await stranger.stream.send_all(frame(rng.randbytes(20).hex()))
    async with raw_websocket(port) as nobody:
        await nobody.say(Hello(device=rng.randbytes(4).hex(), secret=b""))
