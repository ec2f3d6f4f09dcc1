"""Run by Alembic: on the connection that `migrate.upgrade` gives."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
context.run_migrations()
