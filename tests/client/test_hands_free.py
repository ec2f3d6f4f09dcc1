"""Talking without a key: whole clients in rooms, under a virtual clock."""

from pathlib import Path

import numpy as np
import pytest
import trio
import trio.testing

import ptt_demo
from ptt.client.audio_files import Pcm, read_wav
from ptt.client.events import (
    ChannelLeft,
    FloorDenied,
    FloorGranted,
    FloorQueued,
    FloorReleased,
    FloorRequested,
    HandsFreeChanged,
    TalkerChanged,
)
from ptt.client.hands_free import FIRST_PAUSE, HandsFree
from ptt.client.settings import Settings
from ptt.errors import RefusedError
from ptt.media.frames import FRAME_SECONDS, SAMPLE_RATE
from ptt.media.level import level_dbfs
from ptt.media.preroll import PreRollLevel
from ptt.media.voice_activity import VoiceActivitySettings
from tests.support.people import QUIET, Person, people
from tests.support.pretend_server import CHANNEL, OTHER_CHANNEL, PretendServer
from tests.support.room import Room
from tests.support.speech import frames

Clock = trio.testing.MockClock
SPEECH = Path(ptt_demo.__file__).parent / "speech"


@pytest.fixture
async def server(nursery: trio.Nursery) -> PretendServer:
    return PretendServer(nursery)


def words(name: str, seconds: float) -> Pcm:
    """That much of what the person says, without pauses."""
    pieces = frames(read_wav(SPEECH / f"{name}.wav"))
    said = b"".join(piece for piece in pieces if level_dbfs(piece) > -40)
    return np.frombuffer(said, dtype=np.int16)[: round(seconds * SAMPLE_RATE)]


def requests(person: Person) -> list[bool]:
    """Of each request, whether a voice made it."""
    seen = person.saw(FloorRequested)
    return [event.by_voice for event in seen if isinstance(event, FloorRequested)]


async def test_a_voice_asks_by_itself_and_its_silence_gives_the_floor_back(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    room = Room()
    async with people(server, tmp_path, "Anna", "Ben", rooms={"Anna": room}) as (anna, ben):
        anna.client.listen_for_voice(CHANNEL)
        await trio.sleep(2.0)
        began = trio.current_time()
        await room.microphone.say(words("anna", 2.0))
        over = trio.current_time()
        await trio.sleep(3.0)

    assert requests(anna) == [True]
    assert anna.when(FloorGranted) - began < 0.3
    assert 0.3 < anna.when(FloorReleased) - over < 1.0
    assert np.abs(ben.heard()).max() > 2000


async def test_the_microphone_is_open_only_while_it_is_wanted(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    room = Room()
    async with people(server, tmp_path, "Anna", "Ben", rooms={"Anna": room}) as (anna, _):
        before = room.microphone.open_now
        anna.client.listen_for_voice(CHANNEL)
        await trio.sleep(1.0)
        during, warm = room.microphone.open_now, anna.client.preroll_seconds
        level, noise = anna.client.level, anna.client.noise_dbfs
        anna.client.listen_for_voice(None)
        await trio.sleep(0.1)
        after = room.microphone.open_now

    assert (before, during, after) == (False, True, False)
    assert warm == pytest.approx(0.4)
    assert level == pytest.approx(-65, abs=2)
    assert noise is not None
    assert noise < -50
    assert [event.channel for event in anna.saw(HandsFreeChanged)] == [CHANNEL, None]  # type: ignore[union-attr]
    assert anna.client.preroll_seconds == 0


async def test_a_key_takes_over_what_a_voice_began(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    room = Room()
    async with people(server, tmp_path, "Anna", "Ben", rooms={"Anna": room}) as (anna, _):
        anna.client.listen_for_voice(CHANNEL)
        await trio.sleep(1.0)
        await room.microphone.say(words("anna", 1.0))
        anna.client.press(CHANNEL)
        await trio.sleep(2.0)  # longer than any hang-over
        held = not anna.saw(FloorReleased)
        anna.client.release()
        await trio.sleep(0.5)

    assert held
    assert len(anna.saw(FloorReleased)) == 1
    assert requests(anna) == [True]


async def test_a_key_asks_again_with_its_higher_claim_while_a_voice_waits(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    rooms = {"Ben": Room(), "Clara": Room()}
    async with people(server, tmp_path, "Anna", "Ben", "Clara", rooms=rooms) as everybody:
        anna, ben, clara = everybody
        for person in (ben, clara):
            person.client.listen_for_voice(CHANNEL)
        await trio.sleep(1.0)
        anna.client.press(CHANNEL)
        anna.microphone.start(words("anna", 6.0))
        await trio.sleep(2.0)  # to learn that there is no echo
        rooms["Ben"].microphone.start(words("ben", 3.0))
        await trio.sleep(0.5)
        rooms["Clara"].microphone.start(words("clara", 3.0))
        await trio.sleep(0.5)
        clara.client.press(CHANNEL)
        await trio.sleep(0.3)
        waiting = clara.client.waiting(CHANNEL)

    assert waiting == ("Clara", "Ben")


async def test_nobody_waits_for_a_voice_that_has_fallen_silent(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    rooms = {"Ben": Room()}
    async with people(server, tmp_path, "Anna", "Ben", rooms=rooms) as (anna, ben):
        ben.client.listen_for_voice(CHANNEL)
        await trio.sleep(1.0)
        anna.client.press(CHANNEL)
        anna.microphone.start(words("anna", 6.0))
        await trio.sleep(2.0)  # to learn that there is no echo
        await rooms["Ben"].microphone.say(words("ben", 1.0))
        queued = ben.client.waiting(CHANNEL)
        await trio.sleep(1.2)
        later = ben.client.waiting(CHANNEL)

    assert ben.saw(FloorQueued)
    assert (queued, later) == (("Ben",), ())
    assert not ben.saw(FloorGranted)


async def test_a_denied_voice_asks_once_for_each_time_it_speaks(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    room = Room()
    async with people(server, tmp_path, "Anna", rooms={"Anna": room}) as (anna,):
        anna.client.listen_for_voice(CHANNEL)
        await trio.sleep(1.0)
        await room.microphone.say(words("anna", 3.0))
        first = len(anna.saw(FloorDenied))
        await trio.sleep(5.0)
        await room.microphone.say(words("anna", 3.0))

    assert first == 1
    assert len(anna.saw(FloorDenied)) == 2
    assert requests(anna) == [True, True]


async def test_hands_free_ends_with_its_channel_and_needs_one(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    room = Room()
    async with people(server, tmp_path, "Anna", "Ben", rooms={"Anna": room}) as (anna, _):
        with pytest.raises(RefusedError, match="join it first"):
            anna.client.listen_for_voice(OTHER_CHANNEL)
        anna.client.listen_for_voice(CHANNEL)
        await trio.sleep(0.5)
        await anna.client.leave(CHANNEL)
        await trio.sleep(0.1)
        listening, is_open = anna.client.hands_free, room.microphone.open_now

    assert (listening, is_open) == (None, False)
    assert anna.saw(ChannelLeft)


async def test_hands_free_outlives_a_lost_connection(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    room = Room()
    async with people(server, tmp_path, "Anna", "Ben", rooms={"Anna": room}) as (anna, _):
        anna.client.listen_for_voice(CHANNEL)
        await trio.sleep(1.0)
        server.cut("Anna")
        await trio.sleep(3.0)
        await room.microphone.say(words("anna", 1.5))
        await trio.sleep(1.0)

    assert requests(anna) == [True]
    assert anna.saw(FloorGranted)


async def test_numbers_of_voice_activation_can_be_changed_while_it_listens(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    room = Room()
    async with people(server, tmp_path, "Anna", "Ben", rooms={"Anna": room}) as (anna, _):
        anna.client.listen_for_voice(CHANNEL)
        await trio.sleep(0.5)
        before = anna.client.threshold_dbfs
        deaf = VoiceActivitySettings(least_level=-10.0)
        anna.client.change(Settings(tones=frozenset(), voice=deaf))
        await trio.sleep(0.5)
        await room.microphone.say(words("anna", 2.0))
        after = anna.client.threshold_dbfs

    assert before is not None
    assert before < -40
    assert after == -10.0
    assert not requests(anna)


@pytest.mark.parametrize(
    ("level", "open_before", "said_before_key", "said_before_grant"),
    [
        (PreRollLevel.OFF, False, False, False),
        (PreRollLevel.FROM_KEY_DOWN, False, False, True),
        (PreRollLevel.ALWAYS_WARM, True, True, True),
    ],
)
async def test_three_levels_of_pre_roll(
    level: PreRollLevel,
    open_before: bool,
    said_before_key: bool,
    said_before_grant: bool,
    server: PretendServer,
    tmp_path: Path,
    autojump_clock: Clock,
) -> None:
    room = Room(noise_dbfs=-90.0)
    early, between = tone(700.0), tone(1900.0)
    server.delay = 0.3
    settings = Settings(tones=frozenset(), preroll=level)
    rooms = {"Anna": room}
    async with people(server, tmp_path, "Anna", "Ben", settings=settings, rooms=rooms) as both:
        anna, ben = both
        await trio.sleep(1.0)
        was_open = room.microphone.open_now
        await room.microphone.say(early)
        anna.client.press(CHANNEL)
        await room.microphone.say(between)
        await trio.sleep(0.5)
        anna.client.release()
        await trio.sleep(2.0)
        is_open = room.microphone.open_now

    assert (was_open, is_open) == (open_before, open_before)
    heard = ben.heard()
    assert (has_tone(heard, 700.0), has_tone(heard, 1900.0)) == (said_before_key, said_before_grant)


async def test_an_emergency_pressed_while_one_waits_is_passed_on(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben", settings=QUIET) as (anna, ben):
        anna.client.press(CHANNEL)
        anna.microphone.start(words("anna", 3.0))
        await trio.sleep(0.3)
        ben.client.press(CHANNEL)
        await trio.sleep(0.3)
        waited = bool(ben.saw(FloorQueued)) and not ben.saw(FloorGranted)
        ben.client.press(CHANNEL, emergency=True)
        await trio.sleep(0.3)
        talker = anna.client.talker(CHANNEL)

    assert waited
    assert talker == "Ben"


async def test_an_emergency_pressed_in_an_own_burst_begins_another_one(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        anna.client.press(CHANNEL)
        await trio.sleep(0.5)
        anna.client.release()
        anna.client.press(CHANNEL, emergency=True)
        await trio.sleep(0.5)

    alarms = [event.emergency for event in ben.saw(TalkerChanged) if event.talker == "Anna"]  # type: ignore[union-attr]
    assert alarms == [False, True]


async def test_the_voice_is_processed_only_when_that_is_wanted(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    pytest.importorskip("livekit")
    hiss = (800 * np.random.default_rng(3).standard_normal(4 * SAMPLE_RATE)).astype(np.int16)
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        for suppressed in (False, True):
            anna.client.change(Settings(tones=frozenset(), noise_suppression=suppressed))
            anna.client.press(CHANNEL)
            await anna.microphone.say(hiss)
            anna.client.release()
            await trio.sleep(2.0)

    heard = ben.heard().astype(np.float64)
    loud, soft = (
        level_dbfs(half[half != 0].astype(np.int16).tobytes()) for half in np.array_split(heard, 2)
    )
    assert soft < loud - 6


def test_what_was_no_speech_makes_the_next_voice_wait_longer_and_longer() -> None:
    hands_free = HandsFree(CHANNEL, VoiceActivitySettings())
    now, pauses = 0.0, []

    for _ in range(5):
        now = hear(hands_free, words("ben", 0.4), now)  # hardly a word
        hands_free.note_end(now)
        pauses.append(wait_for_floor(hands_free, now))
        now += 10.0

    assert pauses == pytest.approx([0.5, 1.0, 2.0, 4.0, 4.0], abs=2 * FRAME_SECONDS)


def test_real_speech_makes_good_for_what_was_none() -> None:
    hands_free, now = HandsFree(CHANNEL, VoiceActivitySettings()), 0.0

    for seconds in (0.4, 0.4, 0.4, 2.0, 0.4):
        now = hear(hands_free, words("ben", seconds), now)
        hands_free.note_end(now)

    assert wait_for_floor(hands_free, now) == pytest.approx(FIRST_PAUSE, abs=2 * FRAME_SECONDS)


def hear(hands_free: HandsFree, sound: Pcm, now: float) -> float:
    """Let it hear the sound, and silence until the voice is over; when that is."""
    spoke = False
    for frame in frames(np.concatenate([sound, silence(1.0)])):
        now += FRAME_SECONDS
        hands_free.handle_frame(frame, now)
        spoke |= hands_free.speaking
        if spoke and not hands_free.speaking:
            return now
    raise AssertionError("no voice was noticed")


def wait_for_floor(hands_free: HandsFree, now: float) -> float:
    """Seconds until a voice that goes on and on may ask; it is silent afterwards."""
    ended = now
    for frame in frames(np.tile(words("ben", 3.0), 2)):
        now += FRAME_SECONDS
        hands_free.handle_frame(frame, now)
        if hands_free.wants_floor(now):
            break
    for frame in frames(silence(1.0)):
        hands_free.handle_frame(frame, now)
    return now - ended


def silence(seconds: float) -> Pcm:
    noise = np.random.default_rng(2).standard_normal(round(seconds * SAMPLE_RATE))
    return (10 * noise).astype(np.int16)


def tone(frequency: float, seconds: float = 0.25) -> Pcm:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (8000 * np.sin(2 * np.pi * frequency * time)).astype(np.int16)


def has_tone(sound: Pcm, frequency: float) -> bool:
    """Whether it is in there for at least a tenth of a second."""
    size = SAMPLE_RATE // 20
    pieces = sound[: len(sound) // size * size].reshape(-1, size).astype(np.float64)
    wave = np.exp(-2j * np.pi * frequency * np.arange(size) / SAMPLE_RATE)
    return int(np.sum(np.abs(pieces @ wave) / size > 1000)) >= 2
