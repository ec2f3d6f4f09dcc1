"""What the switchboard keeps on disk; the only code that knows SQLAlchemy and Alembic."""
