"""Mumble's own client (Debian's mumble) at a desk, on a display that nobody sees.

It runs under Xvfb with settings in a folder of its own, so that no wizard asks anything: a
certificate for itself, and the server's fingerprint as already trusted. It speaks to PulseAudio
without ALSA or PortAudio between, as it does by itself wherever PulseAudio is.

Its settings are Mumble's defaults, but for the devices and when it transmits; `LOWEST` sets all
that its dialogues offer for less delay. It talks without end or never: a key would need a hand, and
with a key its microphone is open all the time as well.
"""

import hashlib
import os
import shutil
import sqlite3
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from tests.support.virtual_sound import VirtualSound

# Implementation
PROGRAMS = ("mumble", "Xvfb")
JOINS_WITHIN = 20.0  # s
CONNECTED = "ServerHandler: TLS cipher preference"  # is said then, and nothing when it has joined
SETTLE = 1.0  # s for that, and for the sounds that it makes
ALWAYS, BY_KEY = 0, 2  # audio/transmit
LOWEST = {
    "audio": {"outputdelay": "1"},  # blocks of 10 ms; 5 by default
    "net": {"framesperpacket": "1", "jitterbuffer": "0"},  # of 10 ms; 2 and 1 by default
}
SETTINGS: Mapping[str, Mapping[str, str]] = {
    "General": {"lastupdate": "2"},  # the wizards of a first start are done
    "ui": {"updatecheck": "false", "usage": "false", "plugincheck": "false"},
}

Options = Mapping[str, Mapping[str, str]]


def is_here() -> bool:
    """Whether all that it takes is installed."""
    return all(shutil.which(program) for program in PROGRAMS)


@contextmanager
def hidden_display() -> Iterator[str]:
    """An X display that nobody sees; what DISPLAY must be."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x600x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        try:
            with os.fdopen(reading, "rb") as ready:
                yield f":{ready.readline().decode().strip()}"
        finally:
            server.terminate()


@dataclass(frozen=True, slots=True)
class Seat:
    """Where somebody sits, who is called as the folder is, which is made; the server's port."""

    folder: Path
    display: str
    port: int
    devices: tuple[str, str]  # microphone and loudspeaker

    @property
    def environment(self) -> dict[str, str]:
        """Its settings are found in the folder, and nowhere else."""
        return {
            "HOME": str(self.folder),
            "XDG_RUNTIME_DIR": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "DISPLAY": self.display,
        }


@contextmanager
def mumble_desk(
    sound: VirtualSound, seat: Seat, *, talks: bool, options: Options = MappingProxyType({})
) -> Iterator["subprocess.Popen[bytes]"]:
    """The client, connected; raises SystemExit if it does not get there."""
    _settle(seat, _settings(seat, talks=talks, options=options))
    environment = {**os.environ, **sound.environment, **seat.environment}
    command = ["mumble", "-m", f"mumble://{seat.folder.name}@127.0.0.1:{seat.port}/"]
    said = seat.folder / "said.txt"
    with (
        said.open("wb") as log,
        subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, cwd=seat.folder
        ) as program,
    ):
        try:
            _wait_until_connected(said)
            yield program
        finally:
            program.kill()


def _wait_until_connected(said: Path) -> None:
    until = time.monotonic() + JOINS_WITHIN
    while CONNECTED not in said.read_text(errors="replace"):
        if time.monotonic() > until:
            raise SystemExit("Mumble's client does not join.")
        time.sleep(0.1)
    time.sleep(SETTLE)


def _settings(seat: Seat, *, talks: bool, options: Options) -> dict[str, dict[str, str]]:
    microphone, loudspeaker = seat.devices
    chosen: dict[str, dict[str, str]] = {
        "audio": {
            "input": "PulseAudio",
            "output": "PulseAudio",
            "transmit": str(ALWAYS if talks else BY_KEY),
        },
        "pulseaudio": {"input": microphone, "output": loudspeaker},
        "net": {"certificate": _byte_array(_certificate(seat.folder.name))},
    }
    for settings in (SETTINGS, options):
        for section, keys in settings.items():
            chosen.setdefault(section, {}).update(keys)
    return chosen


def _settle(seat: Seat, settings: Options) -> None:
    """Write what it would have asked for."""
    seat.folder.mkdir(mode=0o700)
    places = [seat.folder / "config" / "Mumble", seat.folder / "data" / "Mumble" / "Mumble"]
    for place in places:
        place.mkdir(mode=0o700, parents=True)
    lines = []
    for section, keys in settings.items():
        lines += [f"[{section}]", *(f"{key}={value}" for key, value in keys.items())]
    (places[0] / "Mumble.conf").write_text("\n".join(lines) + "\n")
    pem = ssl.get_server_certificate(("127.0.0.1", seat.port))
    digest = hashlib.sha1(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    with closing(sqlite3.connect(places[1] / "mumble.sqlite")) as kept, kept:
        kept.execute(
            "CREATE TABLE cert (id INTEGER PRIMARY KEY AUTOINCREMENT, hostname TEXT, port INTEGER,"
            " digest TEXT)"
        )
        kept.execute(
            "INSERT INTO cert (hostname, port, digest) VALUES ('127.0.0.1', ?, ?)",
            (seat.port, digest),
        )


def _certificate(name: str) -> bytes:
    """PKCS #12 without a password, for a day."""
    key = rsa.generate_private_key(65537, 2048)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(
        name.encode(), key, certificate, None, NoEncryption()
    )


def _byte_array(octets: bytes) -> str:
    """As Qt writes octets into its files of settings."""
    escaped = "".join(rf"\x{octet:02x}" for octet in octets)
    return f"@ByteArray({escaped})"
