"""As little of a Mumble client as the server lets through: it joins, moves to a channel, talks.

    TCP, TLS: Version, Authenticate --> CryptSetup, ChannelState ..., ServerSync
              UserState (move)
    UDP:      encrypted ping --> its echo: from here on voice comes by UDP

Formats: the Mumble protocol documentation, "Protocol stack (TCP)", "Establishing a connection" and
"Voice data" (mumble-protocol.readthedocs.io); numbers of fields: Mumble.proto, which it refers to.
Encryption: OCB2 of P. Rogaway, "Efficient Instantiations of Tweakable Blockciphers" (2004), with a
tag of three octets. Protocol Buffers: varints and octets only (protobuf.dev, "Encoding").

Not for use: nothing is verified, not even the server's certificate, and voice is not decrypted.
"""

import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import suppress
from enum import IntEnum
from itertools import count

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from benchmarks.fan_out_load import open_udp

# Specification
_FRAME = struct.Struct("!HI")  # type, length
_VERSION = 0x010304
_PING, _OPUS = 1 << 5, 4 << 5  # type of a UDP packet in the upper three bits; target 0 is normal
_BLOCK = 16
_ALL = (1 << 128) - 1
_POLYNOMIAL = 0x87  # of doubling in GF(2^128)

# Implementation
PATIENCE = 20.0  # s
ECHO_WITHIN = 0.1  # s
TRIES = 50
SAMPLE = bytes(range(1, 61))  # octets of Opus, as many as other relays get

Field = int | bytes


class Kind(IntEnum):
    """Types of messages over TCP."""

    VERSION = 0
    AUTHENTICATE = 2
    REJECT = 4
    SERVER_SYNC = 5
    CHANNEL_STATE = 7
    USER_STATE = 9
    CRYPT_SETUP = 15


class MumbleClient:
    """One user in the root channel, reachable by UDP; raises SystemExit if the server refuses."""

    def __init__(self, port: int, name: str, password: str = "") -> None:
        self.session = 0
        self.channels: dict[bytes, int] = {}
        self._numbers = count()
        plain = socket.create_connection(("127.0.0.1", port), PATIENCE)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._tls = _tls_context().wrap_socket(plain)
        self._send(Kind.VERSION, {1: _VERSION})
        self._send(Kind.AUTHENTICATE, {1: name.encode(), 2: password.encode(), 5: 1})
        self._synchronize()
        self._tls.settimeout(None)
        self.socket = open_udp(port)
        self._open_voice()

    def add_channel(self, name: bytes) -> None:
        """Make a channel below the root (only the super user may)."""
        self._send(Kind.CHANNEL_STATE, {2: 0, 3: name})
        for kind, content in self._frames():
            if kind == Kind.CHANNEL_STATE and parse_fields(content).get(3) == name:
                return

    def move(self, channel: int) -> None:
        """Go to another channel."""
        self._send(Kind.USER_STATE, {1: self.session, 5: channel})

    def discard(self) -> None:
        """Throw away what the server said, undeciphered: nothing can be read from it afterwards."""
        with suppress(BlockingIOError):
            while socket.socket.recv(self._tls, 1 << 16, socket.MSG_DONTWAIT):
                pass

    def close(self) -> None:
        """Leave."""
        self._tls.close()
        self.socket.close()

    def talk(self) -> Iterator[bytes]:
        """Datagrams of voice without end."""
        length = encode_mumble_varint(len(SAMPLE))
        while True:
            number = encode_mumble_varint(next(self._numbers))
            yield self._crypt.encrypt(bytes([_OPUS]) + number + length + SAMPLE)

    def _send(self, kind: Kind, fields: dict[int, Field]) -> None:
        content = encode_fields(fields)
        self._tls.sendall(_FRAME.pack(kind, len(content)) + content)

    def _frames(self) -> Iterator[tuple[int, bytes]]:
        with self._tls.makefile("rb", buffering=1 << 16) as stream:
            while head := stream.read(_FRAME.size):
                kind, length = _FRAME.unpack(head)
                yield kind, stream.read(length)

    def _synchronize(self) -> None:
        for kind, content in self._frames():
            match kind:
                case Kind.CRYPT_SETUP:  # key, nonce of what we send, nonce of what we receive
                    fields = parse_fields(content)
                    self._crypt = Ocb2(_octets(fields[1]), _octets(fields[2]))
                case Kind.CHANNEL_STATE:
                    fields = parse_fields(content)
                    self.channels[_octets(fields.get(3, b""))] = _number(fields.get(1, 0))
                case Kind.REJECT:
                    raise SystemExit(f"Murmur refuses a client: {parse_fields(content)}")
                case Kind.SERVER_SYNC:
                    self.session = _number(parse_fields(content)[1])
                    return
                case _:
                    pass
        raise SystemExit("Murmur hangs up on a client.")

    def _open_voice(self) -> None:
        self.socket.settimeout(ECHO_WITHIN)
        for _ in range(TRIES):
            self.socket.send(self._crypt.encrypt(bytes([_PING, 1])))
            with suppress(TimeoutError):
                self.socket.recv(2048)
                self.socket.settimeout(None)
                return
        raise SystemExit("Murmur echoes no ping.")


class Ocb2:
    """The sender's half of OCB2 with AES-128, in packets: nonce's low octet, tag, ciphertext."""

    def __init__(self, key: bytes, nonce: bytes) -> None:
        self._nonce = int.from_bytes(nonce, "little")
        self._aes = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update

    def encrypt(self, plain: bytes) -> bytes:
        """A packet under the next nonce."""
        self._nonce = (self._nonce + 1) & _ALL
        nonce = self._nonce.to_bytes(_BLOCK, "little")
        body, tag = self._encrypt(plain, int.from_bytes(self._aes(nonce), "big"))
        return nonce[:1] + tag[:3] + body

    def _encrypt(self, plain: bytes, offset: int) -> tuple[bytes, bytes]:
        """All blocks but the last are whitened on both sides; the last one is a pad's."""
        whole = (len(plain) - 1) // _BLOCK * _BLOCK
        last = plain[whole:]
        offsets, checksum, masked = [], 0, b""
        for at in range(0, whole, _BLOCK):
            offset = _double(offset)
            offsets.append(offset)
            block = int.from_bytes(plain[at : at + _BLOCK], "big")
            checksum ^= block
            masked += (block ^ offset).to_bytes(_BLOCK, "big")
        offset = _double(offset)
        ciphers = self._aes(masked + (8 * len(last) ^ offset).to_bytes(_BLOCK, "big"))
        mask = int.from_bytes(b"".join(o.to_bytes(_BLOCK, "big") for o in offsets), "big")
        body = (int.from_bytes(ciphers[:whole], "big") ^ mask).to_bytes(whole, "big")
        pad = ciphers[whole:]
        checksum ^= int.from_bytes(last + pad[len(last) :], "big")
        tag = self._aes((checksum ^ offset ^ _double(offset)).to_bytes(_BLOCK, "big"))
        return body + bytes(a ^ b for a, b in zip(last, pad, strict=False)), tag


def encode_fields(fields: dict[int, Field]) -> bytes:
    """A Protocol Buffers message of unsigned numbers and octets."""
    encoded = b""
    for number, field in fields.items():
        if isinstance(field, int):
            encoded += _encode_varint(number << 3) + _encode_varint(field)
        else:
            encoded += _encode_varint(number << 3 | 2) + _encode_varint(len(field)) + field
    return encoded


def parse_fields(content: bytes) -> dict[int, Field]:
    """The last field of each number; fixed-length ones do not occur where this is used."""
    fields: dict[int, Field] = {}
    at = 0
    while at < len(content):
        key, at = _parse_varint(content, at)
        field, at = _parse_varint(content, at)
        if key & 7 == 2:
            fields[key >> 3] = content[at : at + field]
            at += field
        else:
            fields[key >> 3] = field
    return fields


def encode_mumble_varint(number: int) -> bytes:
    """Numbers below 2^28 in the form of voice packets: the first octet tells how many follow."""
    for octets, mark in ((1, 0x00), (2, 0x80), (3, 0xC0), (4, 0xE0)):
        if number < 1 << 7 * octets:
            return (number | mark << 8 * (octets - 1)).to_bytes(octets, "big")
    raise ValueError(f"{number} is too large for a voice packet here")


def _encode_varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _parse_varint(content: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        octet = content[at]
        number |= (octet & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if octet < 0x80:
            return number, at


def _double(number: int) -> int:
    """Multiply by x in GF(2^128)."""
    return (number << 1) & _ALL ^ (_POLYNOMIAL if number >> 127 else 0)


def _octets(field: Field) -> bytes:
    assert isinstance(field, bytes)
    return field


def _number(field: Field) -> int:
    assert isinstance(field, int)
    return field


def _tls_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
