"""What a button beside a finding of the doctor can do about it. Pure."""

from enum import Enum, auto

from ptt_desk.checks import names
from ptt_desk.checks.finding import Finding, Verdict


class Remedy(Enum):
    """What is done when the button is pressed."""

    JOIN = auto()
    SYSTEM_DEVICES = auto()
    SET_ASIDE = auto()
    CHOOSE_KEY = auto()


_REMEDIES = {
    names.PREFERENCES: Remedy.SET_ASIDE,
    names.CREDENTIAL: Remedy.JOIN,
    names.KEY: Remedy.CHOOSE_KEY,
    names.MICROPHONE: Remedy.SYSTEM_DEVICES,
    names.LOUDSPEAKER: Remedy.SYSTEM_DEVICES,
    names.SESSION: Remedy.JOIN,
}


def remedy(finding: Finding) -> Remedy | None:
    """None where nothing is wrong, or nothing can be done from the window."""
    if finding.verdict not in (Verdict.WARNING, Verdict.PROBLEM):
        return None
    return _REMEDIES.get(finding.name)
