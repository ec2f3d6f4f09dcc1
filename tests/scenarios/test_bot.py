"""The bot of the README, against a real daemon."""

import wave
from pathlib import Path

import numpy as np
import pytest
import trio

from ptt.client.audio_files import read_wav
from ptt.client.events import ChannelJoined, FloorReleased, MembersChanged, TalkerChanged
from ptt_demo.daemon import Daemon
from ptt_demo.measure import find
from ptt_demo.office import office
from tests.scenarios.bot import main as run_bot
from tests.scenarios.conftest import CHANNEL
from tests.support.speech import voice
from tests.support.witness import Witness

TEXT = voice(0.8, pitch=170.0, seed=7)


def write_wav(path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(TEXT.tobytes())
    return path


@pytest.mark.slow
async def test_the_bot_answers_whoever_has_spoken(daemon: Daemon, tmp_path: Path) -> None:
    text = write_wav(tmp_path / "answer.wav")
    async with office(daemon, ["Anna"], CHANNEL, tmp_path) as [anna], trio.open_nursery() as tasks:
        witness = Witness(anna.client)
        tasks.start_soon(witness.watch)
        tasks.start_soon(run_bot, await daemon.invite("Bot"), CHANNEL, str(text))
        await witness.saw(ChannelJoined, MembersChanged)

        anna.client.press(CHANNEL)
        await anna.microphone.say(voice(0.5))
        anna.client.release()
        place = witness.now()
        await witness.saw(FloorReleased)
        talkers = [await next_talker(witness, place, number) for number in range(3)]
        await trio.sleep(0.3)
        tasks.cancel_scope.cancel()

    assert talkers == [None, "Bot", None]
    heard = read_wav(anna.recording) / 32768.0
    assert find(TEXT / 32768.0, heard)[1] > 0.9
    assert np.any(heard)


async def next_talker(witness: Witness, place: int, number: int) -> str | None:
    """The talker after the change `number` since `place`."""
    while True:
        changes = [one for _, one in witness.seen[place:] if isinstance(one, TalkerChanged)]
        if len(changes) > number:
            return changes[number].talker
        await witness.saw(TalkerChanged, after=witness.now())


def test_the_readme_shows_this_bot() -> None:
    readme = Path(__file__).parents[2] / "README.md"

    assert (Path(__file__).with_name("bot.py")).read_text() in readme.read_text()
