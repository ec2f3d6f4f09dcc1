"""Whether the last bursts of a channel may be played again; so it was meant everywhere before."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, true for every channel that is there."""
    replay = sa.Column("replay", sa.Boolean, nullable=False, server_default=sa.true())
    op.add_column("channels", replay)
