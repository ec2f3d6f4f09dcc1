"""Writes datagrams into a capture file that Wireshark reads (libpcap format, raw IPv4)."""

import struct
from pathlib import Path

# Specification
_MAGIC = 0xA1B2C3D4
_LINKTYPE_RAW = 101  # each record starts with its IP header
_UDP = 17
_LOOPBACK = bytes([127, 0, 0, 1])

# Implementation
PORT = 17880  # of the server, destination of every datagram here
_CLIENT_PORT = 40000


def write_capture(path: Path, datagrams: list[bytes]) -> None:
    """All datagrams, 20 ms apart, as if a client had sent them to the server's port."""
    octets = struct.pack("!IHHiIII", _MAGIC, 2, 4, 0, 0, 65535, _LINKTYPE_RAW)
    for number, datagram in enumerate(datagrams):
        packet = _ipv4(_udp(datagram))
        seconds, milliseconds = divmod(20 * number, 1000)
        octets += struct.pack("!IIII", seconds, 1000 * milliseconds, len(packet), len(packet))
        octets += packet
    path.write_bytes(octets)


def _udp(payload: bytes) -> bytes:
    return struct.pack("!HHHH", _CLIENT_PORT, PORT, 8 + len(payload), 0) + payload


def _ipv4(payload: bytes) -> bytes:
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, 64, _UDP, 0)
    return header + _LOOPBACK + _LOOPBACK + payload
