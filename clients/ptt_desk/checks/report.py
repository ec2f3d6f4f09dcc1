"""Puts findings into the order in which people read them, whenever they come. Pure."""

from collections.abc import Callable, Sequence

from ptt_desk.checks.finding import Finding


class Report:
    """`tell` gets each finding as soon as all before it in `order` were told."""

    def __init__(self, order: Sequence[str], tell: Callable[[Finding], None]) -> None:
        self._order = order
        self._tell = tell
        self._found: dict[str, Finding] = {}
        self._told = 0

    @property
    def findings(self) -> list[Finding]:
        """Those there are, in order."""
        return [self._found[name] for name in self._order if name in self._found]

    def note(self, *findings: Finding) -> None:
        """They came in."""
        self._found.update((finding.name, finding) for finding in findings)
        self._tell_more()

    def _tell_more(self) -> None:
        while self._told < len(self._order) and self._order[self._told] in self._found:
            self._tell(self._found[self._order[self._told]])
            self._told += 1
