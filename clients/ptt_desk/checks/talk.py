"""Does `ptt talk` run here? It has the session of its device then, and perhaps the microphone."""

from pathlib import Path

import trio

from ptt.client.credentials import Credential
from ptt_desk.checks.finding import Finding, ok, problem
from ptt_desk.checks.names import TALK
from ptt_desk.remote_orders import RemoteError, Status, ask


async def check_talk(path: Path | None = None) -> tuple[Finding, Status | None]:
    """What the running one says, None if none answers; `path`: where it leaves its address."""
    try:
        status = (await trio.to_thread.run_sync(lambda: ask("status", path=path))).status
    except RemoteError as error:
        if isinstance(error.__cause__, TimeoutError):
            advice = "end it and start it again"
            return problem(TALK, "`ptt talk` runs here but does not answer", advice), None
        return ok(TALK, "`ptt talk` does not run at the moment", running=False), None
    if status is None:
        advice = "start it again"
        return problem(TALK, "The running `ptt talk` is of another release", advice), None
    sentence = f"`ptt talk` runs, as {status.person} at {status.server} in {status.channel}"
    return ok(TALK, sentence, running=True, server=status.server, channel=status.channel), status


def why_no_log_in(talk: Finding, status: Status | None, credential: Credential) -> str:
    """Why another session of this device would do harm; empty if it would not.

    The server has one session for each device, and ends the former one.
    """
    if status is not None and status.server == credential.server:
        return "`ptt talk` has the session of this device and would lose it"
    if status is None and talk.advice:
        return "a `ptt talk` that does not answer may have the session of this device"
    return ""
