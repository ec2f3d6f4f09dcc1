"""Times beyond January 2038, where 32 bits of seconds end: SQLite has 64 anyway."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIMES = (("devices", "enrolled_at"), ("invites", "expires_at"), ("invites", "used_at"))


def upgrade() -> None:
    """Widen the columns where they are narrow."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, column in TIMES:
        op.alter_column(table, column, type_=sa.BigInteger)
