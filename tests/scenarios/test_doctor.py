"""`ptt doctor` as a process: what it says of a good place, and of each thing that can be wrong."""

import json
import os
import re
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import trio

from ptt_demo.daemon import Daemon
from ptt_desk.checks import names
from tests.support.desk import PTT, desk, join
from tests.support.noise import write_noise
from tests.support.virtual_display import VirtualDisplay, virtual_display
from tests.support.virtual_sound import VirtualSound, virtual_sound

pytestmark = pytest.mark.slow

PATIENCE = 40.0  # s
LINE = re.compile(r"([+!x-]) (ok|warning|problem|skipped) {2,}(\w.*?) {2,}(.*)")
SIGNS = {"ok": "+", "warning": "!", "problem": "x", "skipped": "-"}
ELSEWHERE = "127.0.0.2"


@dataclass(frozen=True)
class Diagnosis:
    """What it printed, by name: verdict and sentence."""

    code: int
    lines: dict[str, tuple[str, str]]
    last: str
    seconds: float

    def __getitem__(self, name: str) -> str:
        return " ".join(self.lines[name])

    def names(self, verdict: str) -> set[str]:
        return {name for name, (found, _) in self.lines.items() if found == verdict}


class Patient:
    """A computer of its own: home, and what it has of sound and display."""

    def __init__(self, home: Path, **environment: str) -> None:
        own = {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
        nothing = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "PULSE_SERVER": "unix:/nowhere"}
        self.environment = {**os.environ, **own, **nothing, **environment}
        self.credentials = home / "ptt" / "credentials.json"

    async def joins(self, link: str) -> None:
        await join(self.environment, link)

    def change_credential(self, **changes: object) -> None:
        """Of the one server that this computer knows."""
        known = json.loads(self.credentials.read_text())
        known["credentials"][0].update(changes)
        self.credentials.write_text(json.dumps(known))

    async def run(self, *options: str) -> CompletedProcess[bytes]:
        with trio.fail_after(PATIENCE):
            return await trio.run_process(
                [*PTT, "doctor", *options],
                env=self.environment,
                capture_stdout=True,
                capture_stderr=True,
                check=False,
            )

    async def examined(self, *options: str) -> Diagnosis:
        began = time.monotonic()
        done = await self.run(*options)
        seconds = time.monotonic() - began
        *lines, last = done.stdout.decode().splitlines()
        print(*lines, last, f"{seconds:.1f} s", sep="\n")
        assert done.stderr == b""
        found = [LINE.fullmatch(line) for line in lines]
        assert all(found), lines
        parts = [match.groups() for match in found if match]
        assert [sign for sign, *_ in parts] == [SIGNS[verdict] for _, verdict, *_ in parts]
        diagnosis = {name: (verdict, text) for _, verdict, name, text in parts}
        assert tuple(diagnosis) == names.ALL
        return Diagnosis(done.returncode, diagnosis, last, seconds)


@pytest.fixture
def bare(tmp_path: Path) -> Patient:
    """Neither sound nor display."""
    return Patient(tmp_path)


@pytest.fixture
def sound(tmp_path: Path) -> Iterator[VirtualSound]:
    with virtual_sound(tmp_path / "sound", microphones=["mic"], loudspeakers=["ear"]) as sound:
        yield sound


@pytest.fixture
def display() -> Iterator[VirtualDisplay]:
    with virtual_display() as display:
        yield display


async def test_without_sound_display_or_server_each_line_says_what_to_do(bare: Patient) -> None:
    found = await bare.examined()

    assert found.code == 1
    assert "not enrolled: run `ptt join` with an invite link." in found[names.CREDENTIAL]
    assert "problem There is no microphone: plug one in" in found[names.MICROPHONE]
    assert "problem There is no loudspeaker: plug one in" in found[names.LOUDSPEAKER]
    assert found.lines[names.KEY][0] == "warning"
    assert "no display" in found[names.KEY]
    assert "skipped Skipped, because this device knows no server." in found[names.VOICE_PORT]


async def test_missing_libraries_are_told_with_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    (tmp_path / "opuslib").mkdir()
    (tmp_path / "opuslib" / "__init__.py").write_text("raise Exception('no Opus library')")

    found = await Patient(tmp_path, PYTHONPATH=str(tmp_path)).examined()

    assert "problem PortAudio is missing: install it" in found[names.SOUND_LIBRARY]
    assert "problem The Opus library is missing: install libopus0" in found[names.VOICE_LIBRARY]
    assert "skipped Skipped, because the sound library" in found[names.MICROPHONE]


async def test_where_all_is_well_it_says_so_within_some_seconds(
    daemon: Daemon, sound: VirtualSound, display: VirtualDisplay, tmp_path: Path
) -> None:
    patient = Patient(tmp_path, **sound.environment, **display.environment)
    await patient.joins(await daemon.invite("Anna"))
    devices = '[devices]\nmicrophone = "mic"\nloudspeaker = "ear"\n'
    (tmp_path / "ptt" / "ptt.toml").write_text(f'{devices}[keys]\ntalk = ["f9"]\n')
    room = sound.say("mic", write_noise(tmp_path / "room.wav", 30.0))

    found = await patient.examined()
    room.terminate()

    assert (found.code, found.last) == (0, "All is well.")
    assert found.names("ok") == set(names.ALL)
    assert "mic records (level -60 dBFS, noise -60 dBFS, no clipping)." in found[names.MICROPHONE]
    assert "The way x11 hears f9" in found[names.KEY]
    assert "knows this device as Anna's, with the channels everyone" in found[names.SESSION]
    assert "0 of 50 probes lost" in found[names.LOSS]
    assert found.seconds < 8.0, "6 s, and what two busy cores add"


async def test_a_muted_microphone_and_headphones_are_told(
    sound: VirtualSound, tmp_path: Path
) -> None:
    patient = Patient(tmp_path, **sound.environment)

    found = await patient.examined("--microphone", "mic", "--loudspeaker", "ear", "--listen")

    assert "problem mic gives digital silence, so it is muted or blocked" in found[names.MICROPHONE]
    assert "warning ear took the tone, but the microphone did not" in found[names.LOUDSPEAKER]


async def test_a_tone_that_the_microphone_hears_is_told(
    sound: VirtualSound, tmp_path: Path
) -> None:
    patient = Patient(tmp_path, **sound.environment)
    room = sound.say("mic", write_noise(tmp_path / "room.wav", 30.0))
    loop = ("module-loopback", "source=ear.monitor", "sink=mic_in", "latency_msec=20")
    await trio.run_process(["pactl", "load-module", *loop], env=patient.environment)

    found = await patient.examined("--microphone", "mic", "--loudspeaker", "ear", "--listen")
    room.terminate()

    assert re.search(r"ok .* the microphone hears it \d\d dB above", found[names.LOUDSPEAKER])


async def test_a_sound_server_that_hangs_does_not_hold_up_the_rest(
    daemon: Daemon, sound: VirtualSound, tmp_path: Path
) -> None:
    patient = Patient(tmp_path, **sound.environment)
    await patient.joins(await daemon.invite("Anna"))
    sound.server.send_signal(signal.SIGSTOP)
    try:
        found = await patient.examined("--microphone", "mic", "--loudspeaker", "ear")
    finally:
        sound.server.send_signal(signal.SIGCONT)

    assert found.code == 1
    assert "problem The sound system does not answer" in found[names.SOUND_LIBRARY]
    assert found.lines[names.MICROPHONE][0] == "skipped"
    assert found.lines[names.JITTER][0] == "ok"
    assert found.seconds < 25.0


async def test_a_revoked_device_is_told_to_ask_for_a_new_invite(
    daemon: Daemon, bare: Patient
) -> None:
    await bare.joins(await daemon.invite("Anna"))
    await daemon.command("people", "revoke", "Anna")

    found = await bare.examined()

    assert found.lines[names.SERVER_KEY][0] == "ok"
    assert found.lines[names.SESSION][0] == "problem"
    assert "not known here (any more): ask for a new invite." in found[names.SESSION]
    assert "skipped Skipped, because there is no session" in found[names.VOICE_PORT]


@asynccontextmanager
async def tcp_only(port: int) -> AsyncIterator[None]:
    """The same port on another address: TCP goes through, UDP into a hole, as in a firewall."""

    async def forward(here: trio.SocketStream) -> None:
        async with (
            here,
            await trio.open_tcp_stream("127.0.0.1", port) as there,
            trio.open_nursery() as nursery,
        ):
            nursery.start_soon(copy, here, there)
            await copy(there, here)
            nursery.cancel_scope.cancel()

    async def copy(source: trio.SocketStream, sink: trio.SocketStream) -> None:
        try:
            async for octets in source:
                await sink.send_all(octets)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass  # the doctor has hung up

    if not sys.platform.startswith("linux"):
        pytest.skip("needs a second loopback address")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hole:
        hole.bind((ELSEWHERE, port))
        async with trio.open_nursery() as nursery:
            listeners = await trio.open_tcp_listeners(port, host=ELSEWHERE)
            nursery.start_soon(trio.serve_listeners, forward, listeners)
            yield
            nursery.cancel_scope.cancel()


async def test_a_firewall_that_drops_udp_is_told_with_port_and_direction(
    daemon: Daemon, bare: Patient
) -> None:
    await bare.joins(await daemon.invite("Anna"))
    bare.change_credential(host=ELSEWHERE)

    async with tcp_only(daemon.port):
        found = await bare.examined()

    where = f"UDP port {daemon.port} of {ELSEWHERE}"
    assert found.lines[names.SESSION][0] == "ok"
    assert (
        f"problem Nothing comes back from {where}, so no voice can pass: let UDP out to port "
        in (found[names.VOICE_PORT])
    )
    assert found.names("skipped") == {names.ROUND_TRIP, names.LOSS, names.JITTER}
    assert found.seconds < 10.0


async def test_another_key_and_a_server_that_is_down_are_told(
    daemon: Daemon, bare: Patient
) -> None:
    await bare.joins(await daemon.invite("Anna"))
    key = json.loads(bare.credentials.read_text())["credentials"][0]["key_hash"]
    bare.change_credential(key_hash=key[::-1])

    other = await bare.examined()
    bare.change_credential(key_hash=key)
    daemon.process.terminate()
    await daemon.process.wait()
    down = await bare.examined()

    assert "problem The server that answers has another key" in other[names.SERVER_KEY]
    assert other.lines[names.SESSION][0] == "skipped"
    assert f"problem Nothing listens at TCP port {daemon.port}" in down[names.SERVER]
    assert down.lines[names.SESSION][0] == "skipped"


async def test_a_talk_that_runs_keeps_its_session(
    daemon: Daemon, bare: Patient, tmp_path: Path
) -> None:
    alone = {name: value for name, value in bare.environment.items() if name != "XDG_CONFIG_HOME"}
    said = write_noise(tmp_path / "said.wav", 1.0)
    files = ("--from-wav", str(said), "--to-wav", str(tmp_path / "heard.wav"))
    options = (*files, "--key", "terminal")

    async with desk(alone, tmp_path, await daemon.invite("Anna"), *options) as talking:
        await talking.reads("Joined")
        found = await bare.examined("--quick")
        ended = talking.process.returncode

    assert ended is None
    assert "ok `ptt talk` runs, as Anna at ptt in everyone." in found[names.TALK]
    assert found.lines[names.FLOOR_SERVER][0] == "ok"
    assert "skipped Skipped, because `ptt talk` has the session" in found[names.SESSION]


async def test_a_credential_that_others_may_read_is_a_warning(
    daemon: Daemon, bare: Patient
) -> None:
    await bare.joins(await daemon.invite("Anna"))
    bare.credentials.chmod(0o644)

    found = await bare.examined("--quick")

    assert "warning Others on this computer may read the secret" in found[names.CREDENTIAL]
    assert f"run: chmod 600 '{bare.credentials}'" in found[names.CREDENTIAL]
    assert "10 probes" in found[names.LOSS]


async def test_json_has_the_same_findings_and_the_figures(daemon: Daemon, bare: Patient) -> None:
    await bare.joins(await daemon.invite("Anna"))

    found = await bare.examined()
    done = await bare.run("--json")
    told = json.loads(done.stdout)

    verdicts = {each["name"]: each["verdict"] for each in told["findings"]}
    figures = {each["name"]: each["measured"] for each in told["findings"]}
    assert verdicts == {name: verdict for name, (verdict, _) in found.lines.items()}
    assert (done.returncode, told["verdict"]) == (1, "problem")
    assert 0 < figures[names.ROUND_TRIP]["median"] < 0.1
    assert figures[names.LOSS] == {"share": 0.0, "probes": 50, "resolution": 0.02}
    assert abs(figures[names.CLOCK]["offset_seconds"]) < 2.0
