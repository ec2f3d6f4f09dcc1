"""Real daemon, real clients, real sockets, and a bad network between them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import trio

from ptt.client.audio_files import WavLoudspeaker, WavMicrophone, read_wav
from ptt.client.client import Client, open_client
from ptt.client.enrolment import enrol
from ptt.client.events import ConnectionLost, FloorDenied, FloorGranted, FloorReleased
from ptt.client.settings import Settings
from ptt.media.frames import SAMPLE_RATE
from ptt.media.talk_burst import OPUS_PAYLOAD_TYPE, RED_PAYLOAD_TYPE
from ptt_demo.daemon import Daemon
from ptt_demo.measure import loudness
from tests.scenarios.conftest import CHANNEL
from tests.support.impaired_relay import ImpairedRelay, impaired_relay
from tests.support.netem import OFFICE, PROFILES, Profile
from tests.support.speech import Samples
from tests.support.witness import STUCK, Witness

Record = Callable[[str, object], None]

MUTE = Settings(tones=frozenset())  # a tone is not a voice
SEED = 7
STEP = 0.020  # s of loudness
QUIET = -40.0  # dBFS
EVER = 0
OUTAGE = 2.0  # s
FREE_WITHIN = 1.2  # s after the last packet (R4)
BACK_WITHIN = 0.100  # s after the link (R3)
NAT_GAP = 0.500  # s without sound after the talker's address has changed (R16)
PROBE = 15.0  # s between the signs of life of an idle client
LOSSY = Profile(delay=0.002, loss_good=0.2)
COPIES_WITHIN = 3.0  # s of loss
SPARES_WITHIN = 25.0  # s of calm, in steps of 5
INVENTED = 0.10  # s of concealed sound at the edge of an outage, and of the relay's own time


def hum(seconds: float) -> Samples:
    """Without pauses, so that what is quiet was lost."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    wave = sum(np.sin(2 * np.pi * 150 * n * time) / n for n in range(1, 12))
    return np.asarray(6000 * wave, dtype=np.int16)


@dataclass
class Desk:
    """Somebody who is connected by way of a relay, and everything that happened to them."""

    client: Client
    microphone: WavMicrophone
    loudspeaker: WavLoudspeaker
    recording: Path
    witness: Witness

    def gaps(self) -> list[tuple[float, float]]:
        """Trio's time of the end of each silence inside what was heard, and its length."""
        loud = loudness(read_wav(self.recording) / 32768.0, SAMPLE_RATE, STEP) > QUIET
        heard = np.flatnonzero(loud)
        assert self.loudspeaker.started_at is not None
        return [
            (self.loudspeaker.started_at + b * STEP, (b - a - 1) * STEP)
            for a, b in pairwise(heard)
            if b - a > 1
        ]


@asynccontextmanager
async def desk(
    daemon: Daemon, name: str, folder: Path, relay: ImpairedRelay | None = None
) -> AsyncIterator[Desk]:
    link = await daemon.invite(name)
    credential = await enrol(relay.link(link) if relay else link, f"{name}'s desk")
    recording = folder / f"{name}.wav"
    microphone, loudspeaker = WavMicrophone(), WavLoudspeaker(recording)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            open_client(credential, microphone=microphone, loudspeaker=loudspeaker, settings=MUTE)
        )
        await client.join(CHANNEL)
        nursery = await stack.enter_async_context(trio.open_nursery())
        witness = Witness(client)
        nursery.start_soon(witness.watch)
        yield Desk(client, microphone, loudspeaker, recording, witness)
        nursery.cancel_scope.cancel()


async def pass_time(seconds: float) -> None:
    """The world goes on; not a wait for anything."""
    await trio.sleep(seconds)


async def take_the_floor(talker: Desk) -> None:
    """Ask until it is granted."""
    with trio.fail_after(STUCK):
        while True:
            place = talker.witness.now()
            talker.client.press(CHANNEL)
            _, event = await talker.witness.saw(FloorGranted, FloorDenied, after=place)
            if isinstance(event, FloorGranted):
                return
            talker.client.release()


@pytest.mark.slow
@pytest.mark.parametrize("name", PROFILES)
async def test_people_understand_each_other_and_nobody_is_logged_out(
    daemon: Daemon, tmp_path: Path, name: str
) -> None:
    async with (
        impaired_relay([daemon.port], PROFILES[name], SEED) as relay,
        desk(daemon, "Anna", tmp_path, relay) as anna,
        desk(daemon, "Ben", tmp_path, relay) as ben,
    ):
        for talker, listener in ((anna, ben), (ben, anna)):
            place, heard = talker.witness.now(), listener.witness.now()
            await take_the_floor(talker)
            await talker.microphone.say(hum(3.0))
            talker.client.release()
            await talker.witness.saw(FloorReleased, after=place)
            await listener.witness.saw_talker(None, after=heard)
        await pass_time(1.0)

    assert relay.up.tally.sent > 300
    for each in (anna, ben):
        assert not any(isinstance(event, ConnectionLost) for _, event in each.witness.seen)
        missing = sum(length for _, length in each.gaps() if length < OUTAGE)
        assert missing < (1.0 if name in ("terrible", "blackout") else 0.3), each.gaps()


@pytest.mark.slow
async def test_r3_a_listener_hears_again_as_soon_as_the_line_is_back(
    daemon: Daemon, tmp_path: Path, record_property: Record
) -> None:
    async with (
        impaired_relay([daemon.port], OFFICE, SEED) as relay,
        desk(daemon, "Anna", tmp_path) as anna,
        desk(daemon, "Ben", tmp_path, relay) as ben,
    ):
        await take_the_floor(anna)
        anna.microphone.start(hum(6.0))
        await ben.witness.saw_talker("Anna")
        await pass_time(1.0)
        relay.cut()
        await pass_time(OUTAGE)
        mended_at = trio.current_time()
        relay.mend()
        await pass_time(2.0)
        anna.client.release()
        await anna.witness.saw(FloorReleased)

    [(back_at, length)] = [gap for gap in ben.gaps() if gap[1] > 1.0]
    record_property("heard again after", f"{1000 * (back_at - mended_at):.0f} ms")
    assert back_at - mended_at <= BACK_WITHIN
    assert length <= OUTAGE + BACK_WITHIN
    assert not any(isinstance(event, ConnectionLost) for _, event in ben.witness.seen)


@pytest.mark.slow
async def test_r4_the_floor_of_a_talker_whose_line_is_cut_is_free_soon_and_he_is_told(
    daemon: Daemon, tmp_path: Path, record_property: Record
) -> None:
    async with (
        impaired_relay([daemon.port], OFFICE, SEED) as relay,
        desk(daemon, "Anna", tmp_path, relay) as anna,
        desk(daemon, "Ben", tmp_path) as ben,
    ):
        await take_the_floor(anna)
        anna.microphone.start(hum(6.0))
        await ben.witness.saw_talker("Anna")
        await pass_time(0.5)

        place, cut_at = ben.witness.now(), trio.current_time()
        relay.cut()
        freed_at = await ben.witness.saw_talker(None, after=place)
        await take_the_floor(ben)
        await pass_time(max(0.0, OUTAGE - (trio.current_time() - cut_at)))
        place, mended_at = anna.witness.now(), trio.current_time()
        relay.mend()
        told_at = await anna.witness.saw_talker("Ben", after=place)

    record_property("floor free after", f"{freed_at - cut_at:.2f} s")
    record_property("told after", f"{1000 * (told_at - mended_at):.0f} ms")
    assert freed_at - cut_at <= FREE_WITHIN
    assert told_at - mended_at <= 0.300
    assert not any(isinstance(event, ConnectionLost) for _, event in anna.witness.seen)


@pytest.mark.slow
async def test_r16_a_talker_who_comes_from_another_port_is_heard_on(
    daemon: Daemon, tmp_path: Path, record_property: Record
) -> None:
    async with (
        impaired_relay([daemon.port], OFFICE, SEED) as relay,
        desk(daemon, "Anna", tmp_path, relay) as anna,
        desk(daemon, "Ben", tmp_path) as ben,
    ):
        await take_the_floor(anna)
        anna.microphone.start(hum(3.0))
        await ben.witness.saw_talker("Anna")
        await pass_time(1.0)
        relay.rebind()
        await pass_time(1.0)
        anna.client.release()
        await anna.witness.saw(FloorReleased)

    silent = sum(length for _, length in ben.gaps())
    record_property("silent, talker moved", f"{1000 * silent:.0f} ms")
    assert silent <= INVENTED


@pytest.mark.slow
async def test_r16_a_listener_whose_port_changes_in_a_burst_hears_again_soon(
    daemon: Daemon, tmp_path: Path, record_property: Record
) -> None:
    async with (
        impaired_relay([daemon.port], OFFICE, SEED) as relay,
        desk(daemon, "Anna", tmp_path) as anna,
        desk(daemon, "Ben", tmp_path, relay) as ben,
    ):
        await take_the_floor(anna)
        anna.microphone.start(hum(4.0))
        await ben.witness.saw_talker("Anna")
        await pass_time(1.0)
        relay.rebind()
        await pass_time(2.0)
        anna.client.release()
        await anna.witness.saw(FloorReleased)

    silent = sum(length for _, length in ben.gaps())
    record_property("silent, listener moved", f"{1000 * silent:.0f} ms")
    assert silent <= NAT_GAP
    assert not any(isinstance(event, ConnectionLost) for _, event in ben.witness.seen)


@pytest.mark.slow
async def test_r16_an_idle_client_whose_port_changed_asks_and_hears_at_once(
    daemon: Daemon, tmp_path: Path, record_property: Record
) -> None:
    async with (
        impaired_relay([daemon.port], OFFICE, SEED) as relay,
        desk(daemon, "Anna", tmp_path),
        desk(daemon, "Ben", tmp_path, relay) as ben,
    ):
        await pass_time(1.0)
        relay.rebind()
        pressed_at = trio.current_time()
        await take_the_floor(ben)
        granted_at = trio.current_time()

    record_property(
        "floor for an idle one that moved", f"{1000 * (granted_at - pressed_at):.0f} ms"
    )
    assert granted_at - pressed_at <= NAT_GAP


@pytest.mark.slow
async def test_r16_an_idle_listener_whose_port_changed_is_found_by_its_next_sign_of_life(
    daemon: Daemon, tmp_path: Path
) -> None:
    async with (
        impaired_relay([daemon.port], OFFICE, SEED) as relay,
        desk(daemon, "Anna", tmp_path) as anna,
        desk(daemon, "Ben", tmp_path, relay) as ben,
    ):
        relay.rebind()
        await pass_time(PROBE + 0.5)
        await take_the_floor(anna)
        anna.microphone.start(hum(2.0))
        await ben.witness.saw_talker("Anna")
        await pass_time(1.0)
        anna.client.release()
        await anna.witness.saw(FloorReleased)

    assert sum(length for _, length in ben.gaps()) == 0.0


@pytest.mark.slow
async def test_copies_are_sent_while_listeners_report_loss_and_no_longer(
    daemon: Daemon, tmp_path: Path
) -> None:
    async with (
        impaired_relay([daemon.port], OFFICE, SEED) as relay,
        desk(daemon, "Anna", tmp_path, relay) as anna,
        desk(daemon, "Ben", tmp_path, relay),
    ):
        await take_the_floor(anna)
        anna.microphone.start(hum(40.0))
        await pass_time(2.0)
        calm = relay.sent_up.copy()

        relay.change(LOSSY)
        await pass_time(COPIES_WITHIN)
        before = relay.sent_up.copy()
        await pass_time(1.0)
        lossy = relay.sent_up - before
        relay.change(OFFICE)
        await pass_time(SPARES_WITHIN)
        before = relay.sent_up.copy()
        await pass_time(1.0)
        spared = relay.sent_up - before

    assert calm[RED_PAYLOAD_TYPE] == 0
    assert lossy[RED_PAYLOAD_TYPE] > 0.9 * (lossy[OPUS_PAYLOAD_TYPE] + lossy[RED_PAYLOAD_TYPE])
    assert spared[RED_PAYLOAD_TYPE] == 0
