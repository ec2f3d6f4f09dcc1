"""How long from a mouth to an ear?

Through one virtual sound card (sound_card.py), in a network of its own: chirps are said to a
microphone that `ptt talk` reads, relayed by a real daemon, and heard from the loudspeaker of
another `ptt talk`, by default and with `latency = "low"`. Beside it two of Mumble's clients
(mumble_desk.py) and Murmur, with Mumble's defaults and with its settings for the least delay.
Clients are started anew for each round and take turns; all play by the same clock, so that delays
are a block of 5 or 10 ms apart, or none at all. The ratio is that of medians of the same round.

Through files: recorded speech goes into one client, another plays it into a file; both know by one
clock when their first sample was spoken or played. Each piece of 0.4 s is found again by
cross-correlation. Sound cards are not in it.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import trio

import ptt_demo
from benchmarks.floor_access import CHANNEL, two_at_their_desks
from benchmarks.own_network import run_apart
from benchmarks.table import Answer, Row, spread
from ptt.client.audio_files import read_wav
from ptt.client.audio_ports import SAMPLE_RATE
from ptt_demo.measure import windows
from ptt_demo.office import Worker

SPEECH = Path(ptt_demo.__file__).parent / "speech" / "anna.wav"
BURSTS = 5
PAUSE = 0.5  # s
PAIRS = (("ptt", "Mumble"), ("ptt, low", "Mumble, lowest"))
LIKE = 0.6  # correlation from which a piece counts as found


def main() -> Answer:
    """Measure both ways and return the table."""
    return Answer("mouth_to_ear", "milliseconds", [*_through_sound_card(), _through_files()])


def _through_sound_card() -> Iterator[Row]:
    found = json.loads(run_apart("benchmarks.mouth_to_ear_rounds"))
    for name, lost in found["lost"].items():
        if lost:
            print(f"  {name}: {lost} chirps were not heard.")
    rounds = found["rounds"]
    for name, each in rounds.items():
        yield Row(name, spread([delay for delays in each for delay in delays]))
    for ours, peer in PAIRS:
        if ours in rounds and peer in rounds:
            pairs = zip(rounds[ours], rounds[peer], strict=True)
            yield Row(f"{ours} / {peer}, x", spread([median(a) / median(b) for a, b in pairs]))
    if "Mumble" not in rounds:
        print("  Mumble is left out: install Debian's mumble, mumble-server and xvfb.")


def _through_files() -> Row:
    """Say it BURSTS times."""
    with tempfile.TemporaryDirectory() as folder:
        delays = [seconds * 1e3 for seconds in _delays(*trio.run(_converse, Path(folder)))]
    return Row("ptt, through files", spread(delays))


async def _converse(folder: Path) -> tuple[Worker, list[float]]:
    """Who listened, and when each burst began."""
    async with two_at_their_desks(folder) as (anna, ben):
        return ben, [await _say(anna) for _ in range(BURSTS)]


async def _say(worker: Worker) -> float:
    worker.client.press(CHANNEL)
    said_at = trio.current_time()
    await worker.microphone.say(SPEECH)
    worker.client.release()
    await trio.sleep(PAUSE)
    return said_at


def _delays(listener: Worker, said_at: list[float]) -> list[float]:
    speech = read_wav(SPEECH) / 32768.0
    heard = read_wav(listener.recording) / 32768.0
    started_at = listener.loudspeaker.started_at
    assert started_at is not None
    starts = [round((at - started_at) * SAMPLE_RATE) for at in said_at]
    found = [window for start in starts for window in windows(speech, heard[start:], SAMPLE_RATE)]
    return [window.delay for window in found if window.likeness > LIKE]


if __name__ == "__main__":
    main().show()
