"""What the log of a daemon that has ended must show, whatever a test did to it."""

from collections.abc import Mapping, Sequence

Entry = Mapping[str, object]


def assert_rules_kept(log: Sequence[Entry]) -> None:
    """Never two holders, every start with one end, no finding of the daemon's own watch."""
    holders: dict[object, object] = {}
    for entry in log:
        match entry.get("event"):
            case "rule-broken":
                raise AssertionError(entry)
            case "talk-start":
                held = holders.setdefault(entry["channel"], entry["burst"])
                assert held == entry["burst"], f"two holders: {held} and {entry}"
            case "talk-end":
                assert holders.pop(entry["channel"], None) == entry["burst"], f"stray: {entry}"
    if any(entry.get("event") == "stopped" for entry in log):
        assert not holders, f"never ended: {holders}"
