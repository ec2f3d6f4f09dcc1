"""The server's identity: an ECDSA P-256 key and a certificate for it, made at the first start.

Clients trust exactly the public key whose hash stands in their invite, so nobody has to sign the
certificate and its names do not matter. A site may use its own certificate instead; when it is
renewed with the same key, invites and enrolled devices stay good.

The private key lies in a file of its own that only the server's user may read, apart from the
database and its exports.
"""

import hashlib
import os
import stat
import sys
from base64 import urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from ptt.errors import ConfigError

# Implementation
KEY_FILE = "server-key.pem"
CERTIFICATE_FILE = "server-certificate.pem"
_COMMON_NAME = "ptt server"
# No client looks at the dates: an intranet's clocks must not be able to end its service.
_NOT_BEFORE = datetime(2020, 1, 1, tzinfo=UTC)
_NOT_AFTER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)  # RFC 5280, 4.1.2.5: no expiry


@dataclass(frozen=True, slots=True)
class ServerKey:
    """Where the PEM files are, and the hash of the public key, as invites name it."""

    certificate: Path
    private_key: Path
    hash: str


def load_or_make(folder: Path) -> ServerKey:
    """The server's own key in `folder`; made, with the folder, if it is not there.

    A certificate that is missing is made again for the same key. Raises ConfigError.
    """
    key_file, certificate_file = folder / KEY_FILE, folder / CERTIFICATE_FILE
    if not key_file.exists():
        _make_folder(folder)
        _write_private(key_file, _new_key_pem())
        certificate_file.unlink(missing_ok=True)
    if not certificate_file.exists():
        _write_private(certificate_file, _certificate_pem(key_file))
    return load_key_pair(certificate_file, key_file)


def load_key_pair(certificate: Path, private_key: Path) -> ServerKey:
    """Check two PEM files, our own or the site's: they must belong together.

    `certificate` may hold a chain, the server's first. Raises ConfigError with a sentence.
    """
    first = _load_certificate(certificate)
    key = _load_private_key(private_key)
    if _public_octets(first) != key.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    ):
        raise ConfigError(f"{certificate} is not the certificate of the key in {private_key}.")
    return ServerKey(certificate, private_key, _hash(_public_octets(first)))


def key_hash(certificate: bytes) -> str:
    """SHA-256 of a DER certificate's public key (SubjectPublicKeyInfo), base64url, unpadded.

    Raises ValueError for octets that are no certificate.
    """
    return _hash(_public_octets(x509.load_der_x509_certificate(certificate)))


def _public_octets(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _hash(public_key: bytes) -> str:
    return urlsafe_b64encode(hashlib.sha256(public_key).digest()).rstrip(b"=").decode()


def _new_key_pem() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _certificate_pem(key_file: Path) -> bytes:
    """A certificate that the key signs for itself."""
    key = _load_private_key(key_file)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ConfigError(f"{key_file} is no key of ours: move it away, or name its certificate.")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _COMMON_NAME)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOT_BEFORE)
        .not_valid_after(_NOT_AFTER)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM)


def _load_certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(_read(path))[0]
    except ValueError as error:
        raise ConfigError(f"{path} is not a certificate in PEM form.") from error


def _load_private_key(path: Path) -> PrivateKeyTypes:
    octets = _read(path)
    _refuse_open_file(path)
    try:
        return load_pem_private_key(octets, password=None)
    except TypeError as error:
        raise ConfigError(f"The key in {path} has a pass phrase: store it without one.") from error
    except ValueError as error:
        raise ConfigError(
            f"{path} is not a private key in PEM form: restore it from a backup, or delete it to "
            "get a new one (then every device needs a new invite)."
        ) from error


def _refuse_open_file(path: Path) -> None:
    """A group may read a site's key, as Debian's ssl-cert does. Windows keeps rights elsewhere."""
    open_to_others = stat.S_IWGRP | stat.S_IXGRP | stat.S_IRWXO
    if sys.platform != "win32" and path.stat().st_mode & open_to_others:
        raise ConfigError(f"Others may use the key in {path}: run `chmod 600` on it.")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"The folder {folder} cannot be made: {error.strerror}.") from error


def _write_private(path: Path, octets: bytes) -> None:
    """Whole or not at all: a power cut during the first start leaves no half a key."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        fresh.unlink(missing_ok=True)  # of a start that was cut short
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error
