"""SRTP written a second time, from the standards alone, to check the library by.

RFC 3711 (key derivation, AES-CM, HMAC-SHA1), RFC 7714 (AES-GCM). Only protects, knows no replay
and no rollover: the counter above the sequence number is always zero, as in every talk burst.
"""

import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# Specification
_KEY_OCTETS = 16
_RTP_CIPHER, _RTP_AUTH, _RTP_SALT = 0, 1, 2  # RFC 3711, 4.3.2
_RTCP_CIPHER, _RTCP_SALT = 3, 5
_RTP_HEADER = 12
_RTCP_CLEAR = 8
_ENCRYPTED = 1 << 31


def protect_rtp_gcm(key: bytes, packet: bytes, mki: bytes = b"") -> bytes:
    """header | ciphertext | 16 octets tag | MKI, RFC 7714 8."""
    header, payload = packet[:_RTP_HEADER], packet[_RTP_HEADER:]
    ssrc, sequence = header[8:12], header[2:4]
    nonce = _xor(bytes(2) + ssrc + bytes(4) + sequence, _derive(key, _RTP_SALT, 12))
    sealed = AESGCM(_derive(key, _RTP_CIPHER, 16)).encrypt(nonce, payload, header)
    return header + sealed + mki


def protect_rtcp_gcm(key: bytes, packet: bytes, index: int) -> bytes:
    """8 octets clear | ciphertext | 16 octets tag | E and index, RFC 7714 9."""
    clear, rest = packet[:_RTCP_CLEAR], packet[_RTCP_CLEAR:]
    numbers = bytes(2) + clear[4:8] + bytes(2) + struct.pack("!I", index)
    nonce = _xor(numbers, _derive(key, _RTCP_SALT, 12))
    trailer = struct.pack("!I", _ENCRYPTED | index)
    sealed = AESGCM(_derive(key, _RTCP_CIPHER, 16)).encrypt(nonce, rest, clear + trailer)
    return clear + sealed + trailer


def protect_rtp_cm(key: bytes, packet: bytes) -> bytes:
    """header | ciphertext | 10 octets tag, RFC 3711 4.1.1 and 4.2.1."""
    header, payload = packet[:_RTP_HEADER], packet[_RTP_HEADER:]
    numbers = bytes(4) + header[8:12] + bytes(4) + header[2:4]
    start = _xor(numbers, _derive(key, _RTP_SALT, 14)) + bytes(2)
    sealed = header + _keystream(_derive(key, _RTP_CIPHER, 16), start, payload)
    tag = hmac.new(_derive(key, _RTP_AUTH, 20), sealed + bytes(4), hashlib.sha1).digest()
    return sealed + tag[:10]


def _derive(key: bytes, label: int, length: int) -> bytes:
    """A session key or salt from key and salt in one, RFC 3711 4.3.1."""
    salt = key[_KEY_OCTETS:].ljust(14, b"\0")
    start = _xor(bytes(7) + bytes([label]) + bytes(6), salt) + bytes(2)
    return _keystream(key[:_KEY_OCTETS], start, bytes(length))


def _keystream(key: bytes, start: bytes, octets: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.CTR(start)).encryptor().update(octets)


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
