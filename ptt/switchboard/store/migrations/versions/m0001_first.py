"""People, devices, invites, channels and roles."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; the revision begins at 1."""
    numbers = op.create_table("revision", sa.Column("number", sa.Integer, nullable=False))
    op.bulk_insert(numbers, [{"number": 1}])
    op.create_table(
        "notes",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("value", sa.String(256), nullable=False),
    )
    _people()
    _channels()


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("person", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("name_key", sa.String(192), nullable=False, unique=True),
        sa.Column("role", sa.Integer, nullable=False),
    )
    op.create_table(
        "devices",
        sa.Column("device", sa.String(32), primary_key=True),
        _reference("person", "people.person", index=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("enrolled_at", sa.Integer, nullable=False),
    )
    op.create_table(
        "invites",
        sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
        _reference("person", "people.person", index=True),
        sa.Column("expires_at", sa.Integer, nullable=False),
        sa.Column("used_at", sa.Integer),
    )


def _channels() -> None:
    op.create_table(
        "channels",
        sa.Column("channel", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("name_key", sa.String(192), nullable=False, unique=True),
        sa.Column("talk_limit", sa.Float, nullable=False),
        sa.Column("queue_size", sa.Integer, nullable=False),
        sa.Column("profile", sa.String(16), nullable=False),
        sa.Column("strict", sa.Boolean, nullable=False),
        sa.Column("open_to", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "roles",
        _reference("channel", "channels.channel", primary_key=True),
        _reference("person", "people.person", primary_key=True),
        sa.Column("role", sa.Integer, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
    )


def _reference(
    name: str, target: str, *, primary_key: bool = False, index: bool = False
) -> "sa.Column[int]":
    key = sa.ForeignKey(target, ondelete="CASCADE")
    return sa.Column(name, sa.Integer, key, primary_key=primary_key, index=index, nullable=False)
