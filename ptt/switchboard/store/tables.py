"""The tables as they stand at the newest migration.

Times are whole seconds of Unix time. `name_key` is the name folded for comparison. The revision
is bumped by every change, so that the daemon notices what a command has written.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

from ptt.switchboard.names import MAX_KEY

NEWEST_MIGRATION = "0003"

metadata = MetaData()

_Seconds = BigInteger().with_variant(Integer, "sqlite")  # there every Integer has 64 bits

revision = Table("revision", metadata, Column("number", Integer, nullable=False))

# What the running daemon tells the commands, such as the port that it listens on.
notes = Table(
    "notes",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", String(256), nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("person", Integer, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("name_key", String(MAX_KEY), nullable=False, unique=True),
    Column("role", Integer, nullable=False),
)

devices = Table(
    "devices",
    metadata,
    Column("device", String(32), primary_key=True),
    Column("person", ForeignKey("people.person", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(64), nullable=False),
    Column("secret_hash", LargeBinary(32), nullable=False),
    Column("enrolled_at", _Seconds, nullable=False),
)

invites = Table(
    "invites",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("person", ForeignKey("people.person", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires_at", _Seconds, nullable=False),
    Column("used_at", _Seconds),
)

channels = Table(
    "channels",
    metadata,
    Column("channel", Integer, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("name_key", String(MAX_KEY), nullable=False, unique=True),
    Column("talk_limit", Float, nullable=False),
    Column("queue_size", Integer, nullable=False),
    Column("profile", String(16), nullable=False),
    Column("strict", Boolean, nullable=False),
    Column("open_to", Integer, nullable=False),
    Column("replay", Boolean, nullable=False),
    # A channel's number is never given again: a client may still hold an old list.
    sqlite_autoincrement=True,
)

roles = Table(
    "roles",
    metadata,
    Column("channel", ForeignKey("channels.channel", ondelete="CASCADE"), primary_key=True),
    Column("person", ForeignKey("people.person", ondelete="CASCADE"), primary_key=True),
    Column("role", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
)
