"""`make run`: the daemon, a conversation against it, figures, recordings, a picture.

Then the daemon stays up for real clients until Ctrl-C.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import trio
from rich.console import Console

from ptt.client.audio_files import read_wav
from ptt.errors import PttError
from ptt_demo.conversation import CHANNEL, PEOPLE, TALK_LIMIT, Said, Story, converse
from ptt_demo.daemon import Daemon, running_daemon
from ptt_demo.measure import Sound, Window, windows
from ptt_demo.office import Worker, office
from ptt_demo.timeline import Mark, What, draw, spans

OUT = Path("out")
PORT = 17880
RATE = 48_000  # Hz
SIGNS = {
    What.PRESSED: "·",
    What.GRANTED: "[bold green]●[/]",
    What.QUEUED: "[yellow]○[/]",
    What.DENIED: "[red]✗[/]",
    What.REVOKED: "[red]✂[/]",
    What.RELEASED: "-",
}

console = Console(highlight=False, soft_wrap=True)


def main() -> None:
    """Parse the command line and run until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="ptt_demo", description=__doc__)
    parser.add_argument("--daemon-only", action="store_true", help="leave out the conversation")
    parser.add_argument("--port", type=int, default=PORT, help="TCP and UDP port of the daemon")
    parser.add_argument("--end", action="store_true", help="stop the daemon after the conversation")
    arguments = parser.parse_args()
    try:
        trio.run(_run, arguments.port, not arguments.daemon_only, not arguments.end)
    except* KeyboardInterrupt:
        console.print("\nStopped.")
    except* PttError as errors:
        console.print(f"[red]{errors.exceptions[0]}[/]")
        sys.exit(1)


async def _run(port: int, talk: bool, stay: bool) -> None:
    console.print(f"Starting pttd on port {port} ...")
    async with running_daemon(OUT / "pttd", port=port, host="") as daemon:
        console.print("pttd is ready.")
        if talk:
            await _show_conversation(daemon)
        if stay:
            await _stay(daemon)


async def _stay(daemon: Daemon) -> None:
    link = (await daemon.invite("You", host="")).strip()
    console.print("\nThe daemon keeps running; Ctrl-C ends it. To talk, in another terminal:")
    console.print(f"    .venv/bin/ptt join '{link}'", markup=False)
    console.print("    .venv/bin/ptt talk\n")
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            console.print("Stopping pttd ...")
            return


async def _show_conversation(daemon: Daemon) -> None:
    await _make_channel(daemon)
    console.print("\nThree people at their desks, over UDP on this machine (40 seconds):\n")
    async with office(daemon, PEOPLE, CHANNEL, OUT) as workers:
        story = await converse(workers, _tell)
    _report(story, workers)


async def _make_channel(daemon: Daemon) -> None:
    if CHANNEL not in await daemon.command("channels", "list"):
        await daemon.command("channels", "add", CHANNEL, "--talk-limit", str(TALK_LIMIT))


def _tell(mark: Mark) -> None:
    emergency = " [red]emergency[/]" if mark.emergency and mark.what is What.GRANTED else ""
    remark = f"  [dim]{mark.remark}[/]" if mark.remark else ""
    sign = SIGNS[mark.what]
    console.print(f"{mark.at:7.2f} s  {mark.person:6} {sign} {mark.what.value}{emergency}{remark}")


def _report(story: Story, workers: Sequence[Worker]) -> None:
    heard = {worker.name: _from(worker, story.began) for worker in workers}
    delays = [w for said in story.said for w in _delays(said, story, heard)]
    access = sorted(story.access_times)
    console.print(
        f"\nAccess time, key to permit:  median {median(access) * 1e3:.1f} ms, "
        f"longest {access[-1] * 1e3:.1f} ms"
    )
    console.print(
        f"Mouth to ear:                median {median(w.delay for w in delays) * 1e3:.0f} ms, "
        f"longest {max(w.delay for w in delays) * 1e3:.0f} ms ({len(delays)} pieces of speech)"
    )
    console.print("What each of them heard:     " + " ".join(str(w.recording) for w in workers))
    picture = OUT / "conversation.png"
    until = max(mark.at for mark in story.marks)
    draw(picture, PEOPLE, spans(story.marks, until), heard, RATE)
    console.print(f"The whole as a picture:      {picture}")


def _from(worker: Worker, instant: float) -> Sound:
    """What the worker heard from that instant on."""
    started_at = worker.loudspeaker.started_at
    assert started_at is not None
    return (read_wav(worker.recording) / 32768.0)[round((instant - started_at) * RATE) :]


def _delays(said: Said, story: Story, heard: dict[str, Sound]) -> list[Window]:
    """Delays of what was said, at everybody else's; pieces that were cut off are left out."""
    speech = read_wav(said.speech) / 32768.0
    start = round((said.at - story.began) * RATE)
    return [
        window
        for person, sound in heard.items()
        if person != said.person
        for window in windows(speech, sound[start:], RATE)
        if window.likeness > 0.6
    ]


if __name__ == "__main__":
    main()
