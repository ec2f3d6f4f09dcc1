"""The server's key: made once, kept from others, refused when it is not what it should be."""

import ssl
import stat
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509 import load_pem_x509_certificate

from ptt.errors import ConfigError
from ptt.security.server_key import (
    CERTIFICATE_FILE,
    KEY_FILE,
    key_hash,
    load_key_pair,
    load_or_make,
)

ON_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX's")


def test_the_first_start_makes_a_key_and_the_next_finds_it(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"

    made = load_or_make(folder)

    assert load_or_make(folder) == made
    assert sorted(path.name for path in folder.iterdir()) == [CERTIFICATE_FILE, KEY_FILE]


def test_two_servers_have_different_keys(tmp_path: Path) -> None:
    one, other = (load_or_make(tmp_path / name) for name in "ab")

    assert one.hash != other.hash


@ON_POSIX
def test_only_the_servers_user_may_read_the_key(tmp_path: Path) -> None:
    made = load_or_make(tmp_path / "ptt")

    assert stat.S_IMODE(made.private_key.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "ptt").stat().st_mode) == 0o700


@ON_POSIX
@pytest.mark.parametrize("mode", [0o644, 0o660, 0o602])
def test_a_key_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    load_or_make(tmp_path).private_key.chmod(mode)

    with pytest.raises(ConfigError, match="chmod 600"):
        load_or_make(tmp_path)


def test_the_certificate_is_signed_by_its_own_p256_key(tmp_path: Path) -> None:
    made = load_or_make(tmp_path)

    certificate = load_pem_x509_certificate(made.certificate.read_bytes())
    public = certificate.public_key()

    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert isinstance(public.curve, ec.SECP256R1)
    certificate.verify_directly_issued_by(certificate)


def test_the_hash_names_the_public_key_not_the_certificate(tmp_path: Path) -> None:
    made = load_or_make(tmp_path)
    first = made.certificate.read_text()
    made.certificate.unlink()

    again = load_or_make(tmp_path)

    assert again.hash == made.hash
    assert again.certificate.read_text() != first
    assert len(made.hash) == 43
    assert key_hash(ssl.PEM_cert_to_DER_cert(first)) == made.hash


def test_the_sites_own_certificate_is_taken(tmp_path: Path) -> None:
    site = load_or_make(tmp_path)
    chain = tmp_path / "fullchain.pem"
    issuer = load_or_make(tmp_path / "issuer").certificate
    chain.write_bytes(site.certificate.read_bytes() + issuer.read_bytes())

    loaded = load_key_pair(chain, site.private_key)

    assert loaded.hash == site.hash
    assert loaded.certificate == chain


def test_a_certificate_of_another_key_is_refused(tmp_path: Path) -> None:
    one, other = (load_or_make(tmp_path / name) for name in "ab")

    with pytest.raises(ConfigError, match="not the certificate of the key"):
        load_key_pair(one.certificate, other.private_key)


@pytest.mark.parametrize("octets", [b"", b"rubbish", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_damaged_key_is_told_with_what_to_do(tmp_path: Path, octets: bytes) -> None:
    load_or_make(tmp_path).private_key.write_bytes(octets)

    with pytest.raises(ConfigError, match="restore it from a backup"):
        load_or_make(tmp_path)


def test_a_damaged_certificate_is_told(tmp_path: Path) -> None:
    load_or_make(tmp_path).certificate.write_bytes(b"rubbish")

    with pytest.raises(ConfigError, match="not a certificate"):
        load_or_make(tmp_path)


def test_a_key_with_a_pass_phrase_is_told(tmp_path: Path) -> None:
    made = load_or_make(tmp_path)
    key = serialization.load_pem_private_key(made.private_key.read_bytes(), None)
    made.private_key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )

    with pytest.raises(ConfigError, match="pass phrase"):
        load_or_make(tmp_path)


def test_a_foreign_key_without_its_certificate_is_told(tmp_path: Path) -> None:
    made = load_or_make(tmp_path)
    made.certificate.unlink()
    foreign = ed25519.Ed25519PrivateKey.generate()
    made.private_key.write_bytes(
        foreign.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )

    with pytest.raises(ConfigError, match="no key of ours"):
        load_or_make(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.pem cannot be read"):
        load_key_pair(tmp_path / "absent.pem", tmp_path / "absent.pem")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(ConfigError, match="cannot be made"):
        load_or_make(tmp_path / "file" / "folder")


def test_a_start_that_was_cut_short_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    made = load_or_make(tmp_path)
    made.private_key.unlink()  # the certificate is of a key that is no more
    (tmp_path / f"{KEY_FILE}.new").write_bytes(b"half a k")

    again = load_or_make(tmp_path)

    assert again.hash != made.hash


def test_octets_that_are_no_certificate_have_no_hash() -> None:
    with pytest.raises(ValueError, match=r".+"):
        key_hash(b"rubbish")
