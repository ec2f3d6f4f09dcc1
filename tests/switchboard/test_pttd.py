"""The daemon as a process: start, log in, commands while it runs, revocation, stop.

The floor server is a fake; voice is proved elsewhere.
"""

import json
import os
import signal
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import pytest
import trio
from trio_websocket import ConnectionClosed

from ptt.switchboard.strangers import MAX_SILENT
from ptt.wire.signalling import (
    Bye,
    ChannelKey,
    Channels,
    Hello,
    Join,
    Joined,
    Left,
    Media,
    Members,
    Refused,
    Welcome,
)
from tests.support.switchboard_daemon import (
    RealDaemon,
    any_certificate,
    bare_client,
    real_daemon,
    run_pttd,
)

pytestmark = pytest.mark.slow

REAL_JOIN_WITHIN = 2.0  # s


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[RealDaemon]:
    async with real_daemon(tmp_path) as running:
        yield running


async def test_a_first_start_makes_a_channel_and_is_quick(tmp_path: Path) -> None:
    began = time.monotonic()

    async with real_daemon(tmp_path) as daemon:
        took = time.monotonic() - began
        listed = daemon.command("channels", "list")

    assert "everyone\ttalk limit 60 s" in listed
    assert took < 5.0  # 1 s on an idle machine


async def test_from_an_invite_to_a_channel_with_a_key(daemon: RealDaemon) -> None:
    enrolled = await trio.to_thread.run_sync(daemon.enrol, "Anna")

    async with bare_client(daemon.port) as client:
        await client.log_in(enrolled)
        welcome = await client.wait_for(Welcome)
        media = await client.wait_for(Media)
        await client.say(Join(channel=welcome.channels[0].channel))
        joined = await client.wait_for(Joined)
        key = await client.wait_for(ChannelKey)

    assert (welcome.person, welcome.channels[0].name) == ("Anna", "everyone")
    assert (media.port, len(media.uplink_key)) == (daemon.port, 28)
    assert joined.members[0].participant == welcome.participant
    assert len(key.key) == 28


async def test_hundreds_of_silent_connections_delay_nobody(daemon: RealDaemon) -> None:
    enrolled = await trio.to_thread.run_sync(daemon.enrol, "Anna")

    with ExitStack() as stack:
        for _ in range(MAX_SILENT + 100):
            stack.enter_context(socket.create_connection(("127.0.0.1", daemon.port)))
        with trio.fail_after(REAL_JOIN_WITHIN):
            async with bare_client(daemon.port) as client:
                await client.log_in(enrolled)
                welcome = await client.wait_for(Welcome)

    assert welcome.person == "Anna"


async def test_a_wrong_secret_is_refused(daemon: RealDaemon) -> None:
    enrolled = await trio.to_thread.run_sync(daemon.enrol, "Anna")

    async with bare_client(daemon.port) as client:
        await client.say(Hello(device=enrolled.device, secret=b"wrong"))
        refused = await client.wait_for(Refused)
        with pytest.raises(ConnectionClosed):
            await client.hear()

    assert refused.cause == "unknown-device"


@pytest.mark.parametrize("text", ["{}", "x" * 5000, '{"type":"join","channel":1}'])
async def test_who_does_not_say_hello_is_sent_away(daemon: RealDaemon, text: str) -> None:
    async with bare_client(daemon.port) as client:
        await client.websocket.send_message(text)

        assert (await client.wait_for(Refused)).cause == "protocol"
        with pytest.raises(ConnectionClosed):
            await client.hear()


async def test_a_used_and_a_wrong_invite_are_refused_in_a_sentence(daemon: RealDaemon) -> None:
    link = await trio.to_thread.run_sync(daemon.command, "invite", "Anna")
    token = link.split("invite=")[1].split("&")[0]

    def enrol(token: str) -> tuple[int, bytes]:
        body = json.dumps({"token": token, "device_name": "laptop"}).encode()
        return daemon.request("POST", "/v1/enrol", body)

    answers = [await trio.to_thread.run_sync(enrol, each) for each in (token, token, "wrong")]

    assert [status for status, _ in answers] == [200, 403, 403]
    assert "already been used" in json.loads(answers[1][1])["sentence"]
    assert "not known" in json.loads(answers[2][1])["sentence"]


async def test_who_guesses_invites_is_slowed_down_and_members_still_log_in(
    daemon: RealDaemon,
) -> None:
    enrolled = await trio.to_thread.run_sync(daemon.enrol, "Anna")
    statuses = []

    async def guess() -> None:
        body = b'{"token":"wrong","device_name":"x"}'
        status, _ = await trio.to_thread.run_sync(daemon.request, "POST", "/v1/enrol", body)
        statuses.append(status)

    began = trio.current_time()
    async with trio.open_nursery() as nursery:
        for _ in range(15):
            nursery.start_soon(guess)
        async with bare_client(daemon.port) as client:
            with trio.fail_after(1.0):
                await client.log_in(enrolled)
                await client.wait_for(Welcome)

    assert trio.current_time() - began > 2.0
    assert sorted(set(statuses)) == [403, 429]


async def test_the_same_device_again_ends_its_former_connection(daemon: RealDaemon) -> None:
    enrolled = await trio.to_thread.run_sync(daemon.enrol, "Anna")

    async with bare_client(daemon.port) as former, bare_client(daemon.port) as newer:
        await former.log_in(enrolled)
        await former.wait_for(Media)
        await newer.log_in(enrolled)
        await newer.wait_for(Media)

        assert (await former.wait_for(Bye)).again is False
        with pytest.raises(ConnectionClosed):
            await former.hear()


async def test_a_revoked_device_is_cut_off_within_half_a_second(daemon: RealDaemon) -> None:
    enrolled = await trio.to_thread.run_sync(daemon.enrol, "Anna")

    async with bare_client(daemon.port) as client:
        await client.log_in(enrolled)
        await client.wait_for(Media)
        await trio.to_thread.run_sync(daemon.command, "people", "revoke", "Anna")
        with trio.fail_after(0.5):
            assert (await client.wait_for(Bye)).again is False
            with pytest.raises(ConnectionClosed):
                await client.hear()
    async with bare_client(daemon.port) as again:
        await again.log_in(enrolled)

        assert (await again.wait_for(Refused)).cause == "unknown-device"


async def test_commands_change_what_connected_clients_see(daemon: RealDaemon) -> None:
    enrolled = await trio.to_thread.run_sync(daemon.enrol, "Anna")

    async with bare_client(daemon.port) as client:
        await client.log_in(enrolled)
        await client.wait_for(Media)
        await client.say(Join(channel=1))
        await client.wait_for(ChannelKey)
        for arguments in (
            ("channels", "add", "Goods in", "--talk-limit", "30"),
            ("channels", "set", "everyone", "--talk-limit", "20", "--no-replay"),
            ("channels", "role", "everyone", "Anna", "moderate", "--priority", "3"),
            ("people", "rename", "Anna", "Annabel"),
        ):
            await trio.to_thread.run_sync(daemon.command, *arguments)

        offered = await client.wait_for(Channels)
        while (offered.channels[0].role, offered.channels[0].talk_limit) != ("moderate", 20.0):
            offered = await client.wait_for(Channels)
        renamed = await client.wait_for(Members)
        listed = await trio.to_thread.run_sync(daemon.command, "channels", "list")
        await trio.to_thread.run_sync(daemon.command, "channels", "remove", "everyone")
        left = await client.wait_for(Left)

    assert [channel.name for channel in offered.channels] == ["everyone", "Goods in"]
    assert [channel.replay for channel in offered.channels] == [False, True]
    assert ["no replay" in line for line in listed.splitlines() if "gcm" in line] == [True, False]
    assert renamed.joined[0].name == "Annabel"
    assert left.sentence


async def test_a_client_whose_connection_breaks_is_out_at_once(daemon: RealDaemon) -> None:
    anna = await trio.to_thread.run_sync(daemon.enrol, "Anna")
    ben = await trio.to_thread.run_sync(daemon.enrol, "Ben")

    async with bare_client(daemon.port) as witness:
        await witness.log_in(anna)
        await witness.say(Join(channel=1))
        await witness.wait_for(ChannelKey)
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(bare_client(daemon.port))
            await client.log_in(ben)
            await client.say(Join(channel=1))
            await client.wait_for(ChannelKey)
            await witness.wait_for(Members)
            await trio.aclose_forcefully(client.websocket._stream)

            with trio.fail_after(0.4):  # 100 ms of merging, and a busy machine
                gone = await witness.wait_for(Members)

    assert gone.left


async def test_a_floor_server_that_dies_is_replaced_and_nobody_logs_in_again(
    daemon: RealDaemon,
) -> None:
    enrolled = await trio.to_thread.run_sync(daemon.enrol, "Anna")

    async with bare_client(daemon.port) as client:
        await client.log_in(enrolled)
        before = await client.wait_for(Media)
        await client.say(Join(channel=1))
        await client.wait_for(ChannelKey)
        [floor_server] = children(daemon.process.pid)
        os.kill(floor_server, signal.SIGKILL)

        with trio.fail_after(2.0):
            after = await client.wait_for(Media)
            await client.wait_for(Joined)
            await client.wait_for(ChannelKey)

    assert before.uplink_key != after.uplink_key
    assert daemon.logged("floor-server-lost")


async def test_each_floor_server_has_a_port_and_dies_alone(tmp_path: Path) -> None:
    (tmp_path / "pttd.toml").write_text("floor_servers = 2\n[channels.a]\n[channels.b]\n")
    async with real_daemon(tmp_path) as daemon:
        enrolled = await trio.to_thread.run_sync(daemon.enrol, "Anna")
        async with bare_client(daemon.port) as client:
            await client.log_in(enrolled)
            ways = [await client.wait_for(Media)]
            for channel in (1, 2):
                await client.say(Join(channel=channel))
            ways.append(await client.wait_for(Media))
            await client.wait_for(ChannelKey)
            os.kill(children(daemon.process.pid)[0], signal.SIGKILL)

            with trio.fail_after(2.0):
                again = await client.wait_for(Media)
                joined = await client.wait_for(Joined)
        ready = [entry["floor_server"] for entry in daemon.logged("floor-server-ready")]

    assert [way.port for way in ways] == [daemon.port, daemon.port + 1]
    [lost] = daemon.logged("floor-server-lost")
    assert again.floor_server == joined.floor_server == lost["floor_server"]
    assert sorted(ready[:2]) == [0, 1]
    assert ready[2:] == [lost["floor_server"]]
    assert daemon.process.returncode == 0


async def test_talk_starts_and_ends_are_logged_in_pairs_when_the_daemon_stops(
    tmp_path: Path,
) -> None:
    async with real_daemon(tmp_path) as daemon:
        enrolled = await trio.to_thread.run_sync(daemon.enrol, "Anna")
        role = ("channels", "role", "everyone", "Anna", "talk", "--priority", "99")
        await trio.to_thread.run_sync(daemon.command, *role)
        async with bare_client(daemon.port) as client:
            await client.log_in(enrolled)
            await client.say(Join(channel=1))
            await daemon.until("talk-start")
            daemon.process.terminate()
            bye = await client.wait_for(Bye)
            await daemon.process.wait()
            await daemon.until("stopped")

    [start], [end] = daemon.logged("talk-start"), daemon.logged("talk-end")
    assert (start["burst"], end["reason"]) == (end["burst"], "stopped")
    assert bye.again
    assert daemon.process.returncode == 0


async def test_health_and_metrics_are_answered(daemon: RealDaemon) -> None:
    health = await trio.to_thread.run_sync(daemon.request, "GET", "/healthz")
    status, metrics = await trio.to_thread.run_sync(daemon.request, "GET", "/metrics")

    assert health == (200, b'{"status":"ok"}')
    assert status == 200
    assert b'ptt_floor_packets_relayed_total{floor_server="0"} 3.0' in metrics
    assert b"ptt_connections 0.0" in metrics


async def test_tls_below_1_3_is_refused(daemon: RealDaemon) -> None:
    context = any_certificate()
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    def connect() -> None:
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=5) as plain:
            context.wrap_socket(plain).close()

    # Trio ends the connection without the alert.
    with pytest.raises(ssl.SSLError):
        await trio.to_thread.run_sync(connect)


async def test_the_configuration_is_read_again_at_sighup(daemon: RealDaemon) -> None:
    (daemon.data / "pttd.toml").write_text('[channels."Goods in"]\ntalk_limit = 30\n')

    daemon.process.send_signal(signal.SIGHUP)
    await daemon.until("reloaded")
    listed = await trio.to_thread.run_sync(daemon.command, "channels")
    (daemon.data / "pttd.toml").write_text("prot = 3\n")
    daemon.process.send_signal(signal.SIGHUP)
    refused = await daemon.until("reload-refused")

    assert "Goods in\ttalk limit 30 s" in listed
    assert 'did you mean "port"?' in refused["sentence"]


async def test_a_second_daemon_on_the_same_data_is_refused(daemon: RealDaemon) -> None:
    second = await trio.to_thread.run_sync(run_pttd, "--data", str(daemon.data), "--port", "0")

    assert second.returncode == 1
    assert "Another pttd is running" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        done = run_pttd("--data", str(tmp_path), "--port", str(port), "--host", "127.0.0.1")

    assert done.returncode == 1
    assert f"TCP port {port} is taken" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["people", "rename", "Ana", "X"], 'nobody called "Ana": did you mean "Anna"?'),
        (["people", "revoke", "Anna"], "Anna has no device."),
        (["channels", "remove", "all"], 'There is no channel "all".'),
        (["channels", "add", "x", "--talk-limit", "3"], "from 10 to 600 seconds"),
        (["invite", "Anna", "--role", "tall"], 'no role "tall": did you mean "talk"?'),
        (["invite", "a\x1bb"], "U+001B"),
        (["check-config", "nothing.toml"], "Cannot read nothing.toml"),
    ],
)
def test_a_command_that_cannot_says_why_and_exits_with_1(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    data = [] if arguments[0] == "check-config" else ["--data", str(tmp_path)]
    run_pttd("invite", "Anna", "--data", str(tmp_path))

    done = run_pttd(*arguments, *data)

    assert done.returncode == 1
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task").iterdir()
    return [int(each) for task in tasks for each in (task / "children").read_text().split()]
