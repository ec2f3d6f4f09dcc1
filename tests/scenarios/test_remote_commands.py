"""`ptt press` and the like at a running `ptt talk`, as a shortcut of the desktop calls them."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
import trio

from ptt_demo.daemon import Daemon
from tests.support.desk import PTT, desk

SPEECH = Path(__file__).parents[2] / "clients" / "ptt_demo" / "speech" / "clara.wav"

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    said: str
    complained: str


async def ptt(folder: Path, *arguments: str) -> Done:
    done = await trio.run_process(
        [*PTT, *arguments],
        env={**os.environ, **personal(folder)},
        capture_stdout=True,
        capture_stderr=True,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def personal(folder: Path) -> dict[str, str]:
    return {"DISPLAY": "", "WAYLAND_DISPLAY": "", "XDG_RUNTIME_DIR": str(folder)}


def options(folder: Path) -> tuple[str, ...]:
    wav = folder / "heard.wav"
    return ("--from-wav", str(SPEECH), "--to-wav", str(wav), "--key", "terminal")


async def test_commands_press_and_release_the_key_and_tell_how_things_stand(
    daemon: Daemon, tmp_path: Path
) -> None:
    anna_link, ben_link = [await daemon.invite(name) for name in ("Anna", "Ben")]
    hears = ("--listen-only", "--to-wav", str(tmp_path / "ben.wav"))

    async with (
        desk(personal(tmp_path), tmp_path / "b", ben_link, *hears),
        desk(personal(tmp_path), tmp_path / "a", anna_link, *options(tmp_path)) as anna,
    ):
        pressed = await ptt(tmp_path, "press")
        await anna.reads("Talk now")
        status = json.loads((await ptt(tmp_path, "status", "--json")).said)
        await ptt(tmp_path, "release")
        await anna.reads("Released after")
        after = (await ptt(tmp_path, "status")).said
        again = len(anna.lines)
        await ptt(tmp_path, "toggle")
        await anna.reads("Talk now", after=again)
        await ptt(tmp_path, "toggle")
        await anna.reads("Released after", after=again)

    assert pressed == Done(0, "", "")
    assert (status["pressed"], status["microphone_open"], status["talker"]) == (True, True, "Anna")
    assert "nobody talks; your key is up, your microphone closed." in after


async def test_where_nothing_runs_a_sentence_says_so(tmp_path: Path) -> None:
    assert await ptt(tmp_path, "press") == Done(1, "", "No `ptt talk` runs here: start it first.\n")


async def test_what_is_pressed_when_talk_ends_is_released(daemon: Daemon, tmp_path: Path) -> None:
    anna, ben = [await daemon.invite(name) for name in ("Anna", "Ben")]
    hears = ("--listen-only", "--to-wav", str(tmp_path / "ben.wav"))

    async with desk(personal(tmp_path), tmp_path / "b", ben, *hears) as listener:
        async with desk(personal(tmp_path), tmp_path / "a", anna, *options(tmp_path)):
            await ptt(tmp_path, "press")
            await listener.reads("Anna talks")
        with trio.fail_after(5.0):
            await listener.reads("Nobody talks")

    assert (await ptt(tmp_path, "release")).code == 1


async def test_a_second_talk_says_that_commands_go_to_the_first(
    daemon: Daemon, tmp_path: Path
) -> None:
    anna, ben = [await daemon.invite(name) for name in ("Anna", "Ben")]

    async with desk(personal(tmp_path), tmp_path / "a", anna, *options(tmp_path)) as first:
        async with desk(personal(tmp_path), tmp_path / "b", ben, *options(tmp_path)) as second:
            await ptt(tmp_path, "press")
            await first.reads("Talk now")
            await second.types(b" ")  # its own key works
            await second.reads("Queued")
        status = json.loads((await ptt(tmp_path, "status", "--json")).said)

    assert status["person"] == "Anna"
