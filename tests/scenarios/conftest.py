"""A real daemon for whole conversations: its own data, a free port, loopback only."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ptt_demo.daemon import Daemon, running_daemon
from tests.support.floor_rules import assert_rules_kept

CHANNEL = "everyone"


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[Daemon]:
    async with running_daemon(tmp_path / "pttd") as daemon:
        yield daemon
    assert_rules_kept(daemon.log)
