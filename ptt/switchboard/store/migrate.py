"""Brings the database to the newest migration (Alembic, its scripts packaged beside this file)."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

SCRIPTS = Path(__file__).parent / "migrations"


def is_known(migration: str) -> bool:
    """Whether this program has a script for that migration."""
    return migration in {script.revision for script in _scripts().walk_revisions()}


def newest() -> str:
    """The migration that a database has after `upgrade`."""
    return _scripts().get_current_head() or ""


def upgrade(transaction: sa.Connection) -> None:
    """Run what is missing, all of it in this transaction."""
    config = _config()
    config.attributes["connection"] = transaction
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    # Alembic reads % as the beginning of a substitution.
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
