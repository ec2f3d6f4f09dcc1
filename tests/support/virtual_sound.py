"""A sound server of its own with virtual microphones and loudspeakers, for real PortAudio.

    say(microphone, wav) --paplay--> null sink --remapped--> microphone of the program
    loudspeaker of the program --> null sink --parec--> recorded(loudspeaker)

PulseAudio with a private folder; PortAudio reaches it through ALSA's plug-in, whose devices are
named in that folder's .asoundrc. PortAudio reads that when it starts: so the program under test
is another process with `environment`. Recordings are close to what was played but not equal to
the bit on a busy machine: compare by correlation.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

START_WITHIN = 10.0  # s
_PROGRAMS = ("pulseaudio", "paplay", "parec", "pactl")


@dataclass
class VirtualSound:
    """A running sound server."""

    folder: Path
    server: subprocess.Popen[bytes]
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """For programs that shall see these devices."""
        return {
            "HOME": str(self.folder),
            "XDG_RUNTIME_DIR": str(self.folder),
            "PULSE_SERVER": f"unix:{self.folder}/pulse.sock",
            "PULSE_COOKIE": str(self.folder / "cookie"),
        }

    def say(self, microphone: str, wav: Path) -> "subprocess.Popen[bytes]":
        """Begin to play a file into the microphone; wait for the result to hear it out."""
        return self._start("paplay", f"--device={microphone}_in", str(wav))

    @contextmanager
    def recorded(self, loudspeaker: str, wav: Path) -> Iterator[None]:
        """Record what the loudspeaker plays within the block."""
        recorder = self._start(
            "parec",
            f"--device={loudspeaker}.monitor",
            "--rate=48000",
            "--channels=1",
            "--format=s16le",
            "--file-format=wav",
            str(wav),
        )
        self._wait_for(lambda: "parec" in self.pactl("list", "source-outputs"))
        try:
            yield
        finally:
            recorder.terminate()
            recorder.wait(10)

    def wait_until_recording(self) -> None:
        """Until a program reads from a microphone; ALSA's plug-in is how PortAudio does it."""
        self._wait_for(lambda: "ALSA plug-in" in self.pactl("list", "source-outputs"))

    def wait_until_playing(self) -> None:
        """Until a program has opened a loudspeaker."""
        self._wait_for(lambda: bool(self.pactl("list", "short", "sink-inputs")))

    def pull_out(self) -> None:
        """All devices vanish at once."""
        self.server.terminate()
        self.server.wait(10)

    def close(self) -> None:
        """End what was started here."""
        for program in [*self.started, self.server]:
            if program.poll() is None:
                program.terminate()
                program.wait(10)

    def wait_until_up(self) -> None:
        self._wait_for(lambda: "Server Name" in self.pactl("info"))

    def _start(self, *command: str) -> "subprocess.Popen[bytes]":
        program = subprocess.Popen(command, env={**os.environ, **self.environment})
        self.started.append(program)
        return program

    def pactl(self, *arguments: str) -> str:
        """Ask or tell the server; what it prints."""
        done = subprocess.run(
            ["pactl", *arguments],
            env={**os.environ, **self.environment, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        )
        return done.stdout

    @staticmethod
    def _wait_for(condition: object) -> None:
        assert callable(condition)
        until = time.monotonic() + START_WITHIN
        while not condition():
            assert time.monotonic() < until, "the sound server does not answer"
            time.sleep(0.02)


@contextmanager
def virtual_sound(
    folder: Path, *, microphones: Sequence[str], loudspeakers: Sequence[str]
) -> Iterator[VirtualSound]:
    """Runs until the block is left; skips the test where PulseAudio is not installed."""
    missing = [program for program in _PROGRAMS if not shutil.which(program)]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    folder.mkdir(mode=0o700)
    script = folder / "va.pa"
    script.write_text(_script(folder, microphones, loudspeakers))
    (folder / ".asoundrc").write_text(_alsa([*microphones, *loudspeakers]))
    sound = VirtualSound(folder, _server(folder, script))
    try:
        sound.wait_until_up()
        yield sound
    finally:
        sound.close()


def _server(folder: Path, script: Path) -> "subprocess.Popen[bytes]":
    command = [
        *("pulseaudio", "-n", "-F", str(script), "--daemonize=no", "--exit-idle-time=-1"),
        *("--use-pid-file=no", "--realtime=no", "--high-priority=no", "--disable-shm=yes"),
    ]
    environment = {**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    with (folder / "pulseaudio.log").open("wb") as log:
        return subprocess.Popen(command, env=environment, stderr=log, stdout=log)


def _script(folder: Path, microphones: Sequence[str], loudspeakers: Sequence[str]) -> str:
    socket = f"load-module module-native-protocol-unix socket={folder}/pulse.sock auth-anonymous=1"
    lines = [".fail", socket]
    lines += [_null_sink(f"{name}_in") for name in microphones]
    lines += [_null_sink(name) for name in loudspeakers]
    lines += [
        f"load-module module-remap-source source_name={name} master={name}_in.monitor"
        for name in microphones
    ]
    return "\n".join(lines) + "\n"


def _null_sink(name: str) -> str:
    # Without norewinds recordings are corrupt.
    return (
        f"load-module module-null-sink sink_name={name} norewinds=1"
        " rate=48000 channels=1 format=s16le"
    )


def _alsa(names: Sequence[str]) -> str:
    """One device each; without the hint PortAudio would not list it."""
    lines = [
        f'pcm.{name} {{ type pulse device {name} hint {{ show on description "{name}" }} }}'
        for name in names
    ]
    return "\n".join(lines) + "\n"
