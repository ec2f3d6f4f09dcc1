"""Every exception that ptt raises on purpose.

A refused floor is not an error: it is an ordinary answer and arrives as an event.
"""


class PttError(Exception):
    """Base of all errors raised by ptt; its text is one sentence fit for the user."""


class ProtocolError(PttError):
    """A rule of the protocol was broken."""


class LocalProtocolError(ProtocolError):
    """Our own code asked for something that the protocol forbids: a bug here."""


class MalformedPacketError(ProtocolError):
    """The peer sent bytes that do not parse: drop the packet, count it, go on."""


class AuthenticationError(ProtocolError):
    """Bytes that do not prove where they come from, or were seen before."""


class ConfigError(PttError):
    """The configuration cannot be used: which key, and what to do."""


class StoreError(PttError):
    """The database cannot be used: locked, newer than this program, or damaged."""


class StoreTakenError(StoreError):
    """Another daemon works with the database."""


class InviteError(PttError):
    """An invite link is not one, or the server does not honour it."""


class ServerKeyMismatchError(PttError):
    """The server that answered does not hold the key that the invite names."""


class ServerUnreachableError(PttError):
    """Nobody answers at the server's address, or the connection broke."""


class RefusedError(PttError):
    """The server understood and said no; the text is the server's sentence."""


class AudioDeviceError(PttError):
    """A microphone or loudspeaker is missing, busy or gone."""
