"""A foreign player, given nothing but a channel's key, plays a burst that we protected.

GStreamer has its own RTP, jitter buffer and Opus; it shares libsrtp with us, which other tests hold
to vectors of their own.
"""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from ptt.media.frames import FRAME_SAMPLES, SAMPLE_RATE
from ptt.media.opus import OpusEncoder
from ptt.media.talk_burst import TalkBurst
from ptt.security.srtp import GCM, INTEROP, VoiceSender
from ptt.wire.rtp import encode_rtp

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("gst-launch-1.0"), reason="gst-launch-1.0 is missing"),
]

HOST = "127.0.0.1"
BURST = 0xA11CE001
EPOCH = 0x2A5C01F7
KEYS = {GCM: bytes(range(28)), INTEROP: bytes(range(100, 130))}
CIPHERS = {
    GCM: ("aes-128-gcm", "null"),  # its name for "the cipher authenticates, too"
    INTEROP: ("aes-128-icm", "hmac-sha1-80"),
}
TONE = 440.0  # Hz
FRAMES = 100  # 2 s
FRAME_SECONDS = FRAME_SAMPLES / SAMPLE_RATE
WINDOW = SAMPLE_RATE // 10
Samples = npt.NDArray[np.int16]


def caps(profile: str, key: bytes, next_key: bytes = b"") -> str:
    cipher, auth = CIPHERS[profile]
    fields = {
        "media": "(string)audio",
        "clock-rate": "(int)48000",
        "encoding-name": "(string)OPUS",
        "payload": "(int)111",
        "ssrc": f"(uint){BURST}",
        "srtp-key": f"(buffer){key.hex()}",
        "srtp-cipher": f"(string){cipher}",
        "srtp-auth": f"(string){auth}",
        "srtcp-cipher": f"(string){cipher}",
        "srtcp-auth": f"(string){auth}",
    }
    if profile == GCM:
        fields["mki"] = f"(buffer){EPOCH:08x}"
    if next_key:
        fields |= {"srtp-key2": f"(buffer){next_key.hex()}", "mki2": f"(buffer){EPOCH + 1:08x}"}
    return ",".join(["application/x-srtp", *(f"{name}={value}" for name, value in fields.items())])


@contextmanager
def playing(caps: str, port: int, to: Path) -> Iterator[None]:
    """GStreamer on that port; afterwards the file holds all samples, without a header."""
    pipeline = (
        f'udpsrc address={HOST} port={port} caps="{caps}" ! srtpdec name=d '
        "d.rtcp_src ! fakesink sync=false async=false "
        "d.rtp_src ! rtpjitterbuffer latency=60 do-lost=true ! rtpopusdepay ! opusdec plc=true "
        "! audioconvert ! audio/x-raw,format=S16LE,channels=1,rate=48000 "
        f"! filesink location={to}"
    )
    command = ["gst-launch-1.0", *pipeline.replace('"', "").split()]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            wait_until_taken(port)
            yield
        finally:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()


def wait_until_taken(port: int) -> None:
    give_up = time.monotonic() + 10
    while is_free(port):
        assert time.monotonic() < give_up, "GStreamer did not open its port"
        time.sleep(0.02)


def is_free(port: int) -> bool:
    """Looked up, not tried: a trial would take the port at the moment when GStreamer wants it."""
    sockets = Path("/proc/net/udp").read_text().splitlines()[1:]
    return all(int(line.split()[1].partition(":")[2], 16) != port for line in sockets)


def tone() -> list[bytes]:
    """Two seconds of it, a frame each."""
    at = np.arange(FRAMES * FRAME_SAMPLES) / SAMPLE_RATE
    samples = (8000 * np.sin(2 * np.pi * TONE * at)).astype("<i2")
    return [frame.tobytes() for frame in np.split(samples, FRAMES)]


def send_live(port: int, *senders: VoiceSender) -> None:
    """A burst in real time, as a floor server relays it; each sender has its equal part of it."""
    encoder, burst = OpusEncoder(), TalkBurst(BURST, sequence=31_000, timestamp=77)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        begin = time.monotonic()
        for number, frame in enumerate(tone()):
            time.sleep(max(0.0, begin + number * FRAME_SECONDS - time.monotonic()))
            packet = encode_rtp(burst.packet(encoder.encode(frame)))
            sender = senders[number * len(senders) // FRAMES]
            sock.sendto(sender.protect(packet), (HOST, port))
        time.sleep(0.3)  # what the player holds back


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))
        port: int = sock.getsockname()[1]
        return port


def pitch(window: Samples) -> float:
    """The loudest frequency in Hz, 0 for silence."""
    spectrum = np.abs(np.fft.rfft(window * np.hanning(len(window)), 8 * len(window)))
    if np.sqrt(np.mean(window.astype(float) ** 2)) < 500:
        return 0.0
    return float(np.argmax(spectrum)) * SAMPLE_RATE / (8 * len(window))


def seconds_of_tone(path: Path) -> float:
    samples = np.fromfile(path, "<i2")
    windows = [samples[at : at + WINDOW] for at in range(0, len(samples) - WINDOW + 1, WINDOW)]
    heard = [window for window in windows if abs(pitch(window) - TONE) < 3]
    return len(heard) * WINDOW / SAMPLE_RATE


@pytest.mark.parametrize("profile", [GCM, INTEROP])
def test_gstreamer_plays_a_live_burst_with_the_channels_key(tmp_path: Path, profile: str) -> None:
    port, heard = free_port(), tmp_path / "heard.pcm"

    with playing(caps(profile, KEYS[profile]), port, heard):
        send_live(port, VoiceSender(KEYS[profile], EPOCH, profile))

    assert 1.8 <= seconds_of_tone(heard) <= FRAMES * FRAME_SECONDS


def test_gstreamer_hears_no_gap_when_the_key_changes_inside_the_burst(tmp_path: Path) -> None:
    port, heard = free_port(), tmp_path / "heard.pcm"
    key, next_key = KEYS[GCM], KEYS[GCM][::-1]

    with playing(caps(GCM, key, next_key), port, heard):
        send_live(port, VoiceSender(key, EPOCH), VoiceSender(next_key, EPOCH + 1))

    assert seconds_of_tone(heard) >= 1.8


def test_gstreamer_hears_nothing_with_another_key(tmp_path: Path) -> None:
    port, heard = free_port(), tmp_path / "heard.pcm"

    with playing(caps(GCM, KEYS[GCM][::-1]), port, heard):
        send_live(port, VoiceSender(KEYS[GCM], EPOCH))

    assert seconds_of_tone(heard) == 0.0
