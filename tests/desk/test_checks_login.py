"""What log-in and way of the voice look like: a pretended server under a virtual clock."""

from collections.abc import Callable
from itertools import count
from random import Random

import pytest
import trio
import trio.testing

from ptt.wire import signalling as wire
from ptt.wire.link import ProbeReply
from ptt_desk.checks import names
from ptt_desk.checks.finding import Finding, Verdict
from ptt_desk.checks.login import check_login
from tests.support.pretend_server import Desk, PretendNetwork, PretendServer, credential

Clock = trio.testing.MockClock
SEED = 11


@pytest.fixture
async def server(nursery: trio.Nursery) -> PretendServer:
    return PretendServer(nursery)


async def examined(server: PretendServer) -> dict[str, Finding]:
    found = await check_login(credential("Anna"), PretendNetwork(server), Random(SEED))
    assert [each.name for each in found] == list(names.LOGGED_IN)
    return {each.name: each for each in found}


def every(period: int) -> Callable[[str, object], bool]:
    """Whether a reply is lost: each so-manieth is."""
    replies = count(1)
    return lambda _, message: isinstance(message, ProbeReply) and next(replies) % period == 0


async def test_a_good_way_is_measured_in_some_seconds(
    server: PretendServer, autojump_clock: Clock
) -> None:
    server.delay = 0.030

    found = await examined(server)

    assert {each.verdict for each in found.values()} == {Verdict.OK}
    assert found[names.ROUND_TRIP].measured["median"] == pytest.approx(0.030)
    assert found[names.LOSS].measured == {"share": 0.0, "probes": 50, "resolution": 0.02}
    assert found[names.JITTER].measured["mean"] == pytest.approx(0.0)
    assert trio.current_time() < 3.0


async def test_nobody_hears_of_an_examination(
    server: PretendServer, autojump_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[wire.ClientMessage] = []
    handle = server.handle

    def note(desk: Desk, message: wire.ClientMessage) -> None:
        said.append(message)
        handle(desk, message)

    monkeypatch.setattr(server, "handle", note)

    await examined(server)

    assert [type(message) for message in said] == [wire.Hello]


async def test_a_firewall_that_drops_udp_is_named_with_port_and_direction(
    server: PretendServer, autojump_clock: Clock
) -> None:
    server.cut_off.add("Anna")

    found = await examined(server)

    assert found[names.SESSION].verdict is Verdict.OK
    port = found[names.VOICE_PORT]
    assert port.verdict is Verdict.PROBLEM
    assert "Nothing comes back from UDP port 2 of pretended, so no voice" in port.sentence
    assert "let UDP out to port 2 and its answers in" in port.advice
    assert trio.current_time() < 5.0
    for name in (names.ROUND_TRIP, names.LOSS, names.JITTER):
        assert str(found[name]) == "Skipped, because no datagram comes back."


@pytest.mark.parametrize(("period", "verdict"), [(10, Verdict.WARNING), (2, Verdict.PROBLEM)])
async def test_lost_probes_are_counted(
    server: PretendServer, autojump_clock: Clock, period: int, verdict: Verdict
) -> None:
    server.loses = every(period)

    loss = (await examined(server))[names.LOSS]

    assert loss.verdict is verdict
    assert loss.measured["share"] == pytest.approx(1 / period, abs=0.02)


async def test_a_long_way_is_a_warning(server: PretendServer, autojump_clock: Clock) -> None:
    server.delay = 0.4

    found = await examined(server)

    assert found[names.ROUND_TRIP].verdict is Verdict.WARNING
    assert "400.0 ms" in found[names.ROUND_TRIP].sentence
    assert found[names.LOSS].verdict is Verdict.OK


async def test_a_revoked_device_is_told_in_the_words_of_the_server(
    server: PretendServer, autojump_clock: Clock
) -> None:
    sentence = "This device is not known here (any more): ask for a new invite."
    server.refusal = wire.Refused(cause="unknown-device", sentence=sentence)

    found = await examined(server)

    assert found[names.SESSION].verdict is Verdict.PROBLEM
    assert str(found[names.SESSION]) == sentence
    assert found[names.VOICE_PORT].verdict is Verdict.SKIPPED


async def test_a_server_that_never_answers_the_log_in_is_given_up(
    server: PretendServer, autojump_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "handle", lambda desk, message: None)

    found = await examined(server)

    assert "does not answer the log-in" in found[names.SESSION].sentence
    assert trio.current_time() < 10.0


async def test_without_a_floor_server_the_way_is_not_tried(
    server: PretendServer, autojump_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def welcome_only(desk: Desk, message: wire.ClientMessage) -> None:
        desk.tell(wire.Welcome(participant=1, person="Anna", server="Office", channels=[]))

    monkeypatch.setattr(server, "handle", welcome_only)

    found = await examined(server)

    assert found[names.SESSION].verdict is Verdict.WARNING
    assert "no channel for you" in found[names.SESSION].sentence
    assert "no floor server at present" in found[names.VOICE_PORT].sentence
