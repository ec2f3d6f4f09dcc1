"""Sessions that come and go, under a virtual clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from random import Random

import pytest
import trio
import trio.testing

from ptt.client.connection import FIRST_RETRY, LONGEST_RETRY, Connection, Retries
from ptt.client.credentials import Credential
from ptt.errors import (
    MalformedPacketError,
    PttError,
    RefusedError,
    ServerKeyMismatchError,
    ServerUnreachableError,
)
from ptt.wire.signalling import (
    Bye,
    ClientMessage,
    Hello,
    Join,
    Leave,
    Refused,
    ServerMessage,
    Welcome,
)

Clock = trio.testing.MockClock
CREDENTIAL = Credential(
    host="h", port=1, key_hash="k", device="d", secret=b"s", person="Anna", server="Office"
)
WELCOME = Welcome(participant=1, person="Anna", server="Office", channels=[])
Step = ServerMessage | PttError | float  # say this, break like this, wait so long


class ScriptedSession:
    """Says what the script says; at its end it is silent."""

    peer_host = "h"

    def __init__(self, script: list[Step]) -> None:
        self._script = iter(script)
        self.sent: list[ClientMessage] = []

    async def send(self, message: ClientMessage) -> None:
        await trio.lowlevel.checkpoint()
        self.sent.append(message)

    async def receive(self) -> ServerMessage:
        await trio.lowlevel.checkpoint()
        for step in self._script:
            if isinstance(step, float):
                await trio.sleep(step)
            elif isinstance(step, PttError):
                raise step
            else:
                return step
        await trio.sleep_forever()
        raise AssertionError


class ScriptedNetwork:
    """One script for each session; an error in its place: nobody is there."""

    def __init__(self, *scripts: list[Step] | PttError) -> None:
        self._scripts = iter(scripts)
        self.sessions: list[ScriptedSession] = []
        self.times: list[float] = []

    @asynccontextmanager
    async def open_session(self, credential: Credential) -> AsyncIterator[ScriptedSession]:
        self.times.append(trio.current_time())
        await trio.lowlevel.checkpoint()
        script = next(self._scripts, [])
        if isinstance(script, PttError):
            raise script
        self.sessions.append(ScriptedSession(script))
        yield self.sessions[-1]

    def open_datagrams(self, host: str, port: int) -> object:
        raise AssertionError("a connection sends no datagrams")


class Witness:
    """Notes what the connection says."""

    def __init__(self, network: ScriptedNetwork) -> None:
        self.received: list[ServerMessage] = []
        self.lost: list[tuple[str, float]] = []
        self.connection = Connection(
            network,  # type: ignore[arg-type]
            CREDENTIAL,
            "test",
            Random(1),
            received=self.received.append,
            lost=lambda sentence, wait: self.lost.append((sentence, wait)),
        )

    async def run(self, seconds: float, *, patient: bool = True) -> None:
        with trio.move_on_after(seconds):
            await self.connection.run(patient=patient)


GONE = ServerUnreachableError("The connection broke.")


async def test_the_first_message_proves_the_device(autojump_clock: Clock) -> None:
    network = ScriptedNetwork([WELCOME])
    witness = Witness(network)

    await witness.run(1.0)

    assert network.sessions[0].sent == [Hello(device="d", secret=b"s", software="test")]
    assert witness.received == [WELCOME]


async def test_a_lost_session_is_made_again_and_told_once(autojump_clock: Clock) -> None:
    network = ScriptedNetwork([WELCOME, 20.0, GONE], GONE, GONE, GONE, [WELCOME])
    witness = Witness(network)

    await witness.run(60.0)

    assert witness.received == [WELCOME, WELCOME]
    assert [sentence for sentence, _ in witness.lost] == ["The connection broke."]


async def test_a_new_reason_is_told_again(autojump_clock: Clock) -> None:
    other = ServerKeyMismatchError("Another server answers.")
    witness = Witness(ScriptedNetwork([WELCOME, GONE], GONE, other, other, [WELCOME]))

    await witness.run(60.0)

    assert [sentence for sentence, _ in witness.lost] == [str(GONE), str(other)]


async def test_after_a_session_that_stood_the_wait_is_short_again(autojump_clock: Clock) -> None:
    witness = Witness(ScriptedNetwork(*(8 * [[WELCOME, 20.0, GONE]])))

    await witness.run(150.0)

    assert len(witness.lost) > 5
    assert all(wait <= FIRST_RETRY for _, wait in witness.lost)


async def test_a_server_that_welcomes_and_breaks_is_not_stormed(autojump_clock: Clock) -> None:
    network = ScriptedNetwork(*(40 * [[WELCOME, GONE]]))
    witness = Witness(network)

    await witness.run(30.0)

    assert len(network.times) < 12
    assert [sentence for sentence, _ in witness.lost] == len(witness.lost) * [str(GONE)]


@pytest.mark.parametrize(
    "last",
    [
        Bye(sentence="This device was revoked.", again=False),
        Refused(cause="unknown-device", sentence="This device was revoked."),
    ],
)
@pytest.mark.parametrize("welcomed", [True, False])
async def test_a_final_word_is_raised_and_not_tried_again(
    autojump_clock: Clock, last: ServerMessage, welcomed: bool
) -> None:
    network = ScriptedNetwork([WELCOME, last] if welcomed else [last])
    witness = Witness(network)

    with pytest.raises(RefusedError, match=r"This device was revoked\."):
        await witness.run(60.0)

    assert len(network.times) == 1


async def test_a_goodbye_for_now_is_an_ordinary_loss(autojump_clock: Clock) -> None:
    witness = Witness(ScriptedNetwork([WELCOME, Bye(sentence="Restarting.")], [WELCOME]))

    await witness.run(10.0)

    assert witness.lost[0][0] == "Restarting."
    assert witness.received == [WELCOME, WELCOME]


async def test_an_impatient_client_hears_why_the_first_attempt_failed() -> None:
    with pytest.raises(ServerUnreachableError, match="broke"):
        await Witness(ScriptedNetwork(GONE)).run(10.0, patient=False)


async def test_an_impatient_client_is_patient_once_it_was_connected(autojump_clock: Clock) -> None:
    witness = Witness(ScriptedNetwork([WELCOME, GONE], GONE, GONE, [WELCOME]))

    await witness.run(20.0, patient=False)

    assert witness.received == [WELCOME, WELCOME]


async def test_a_server_that_says_nothing_is_given_up_after_ten_seconds(
    autojump_clock: Clock,
) -> None:
    network = ScriptedNetwork([], [WELCOME])
    witness = Witness(network)

    await witness.run(20.0)

    assert network.times[1] >= 10.0
    assert witness.lost[0][0] == "The server takes too long to answer."


async def test_rubbish_from_the_server_ends_the_session_not_the_client(
    autojump_clock: Clock,
) -> None:
    witness = Witness(ScriptedNetwork([WELCOME, MalformedPacketError("rubbish")], [WELCOME]))

    await witness.run(10.0)

    assert witness.received == [WELCOME, WELCOME]


async def test_a_server_that_does_not_answer_any_more_is_given_up(autojump_clock: Clock) -> None:
    witness = Witness(ScriptedNetwork([WELCOME], [WELCOME]))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(witness.run, 10.0)
        await trio.sleep(3.0)
        witness.connection.give_up()

    assert witness.received == [WELCOME, WELCOME]


async def test_messages_go_out_in_order_and_are_void_without_a_session(
    autojump_clock: Clock,
) -> None:
    network = ScriptedNetwork([WELCOME])
    witness = Witness(network)
    witness.connection.tell(Join(channel=9))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(witness.run, 2.0)
        await trio.sleep(1.0)
        witness.connection.tell(Join(channel=1))
        witness.connection.tell(Leave(channel=1))

    assert network.sessions[0].sent[1:] == [Join(channel=1), Leave(channel=1)]


def test_waits_begin_at_random_and_grow_to_five_seconds() -> None:
    firsts = set()
    for seed in range(50):
        retries = Retries(Random(seed))
        waits = [retries.next_wait() for _ in range(12)]
        firsts.add(waits[0])
        assert 0 <= waits[0] <= FIRST_RETRY
        assert all(b / a > 1.2 or b == LONGEST_RETRY for a, b in pairwise(waits[1:]))
        assert waits[-1] == LONGEST_RETRY

    assert len(firsts) == 50
