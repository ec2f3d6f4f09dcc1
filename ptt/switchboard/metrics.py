"""What the daemon counts, in the text format of Prometheus; on a registry of its own."""

from collections.abc import Callable, Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Metric,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily


class Metrics:
    """Counters of the switchboard, and the last ones that each floor server has sent."""

    def __init__(self) -> None:
        self.floor_servers: dict[int, dict[str, int]] = {}
        self.gauges: dict[str, tuple[str, Callable[[], float]]] = {}
        self._registry = CollectorRegistry()
        self.logins = self._counter("logins", "Devices that have logged in.")
        self.refused_logins = self._counter("refused_logins", "Logins with a wrong secret.")
        self.enrolments = self._counter("enrolments", "Devices enrolled with an invite.")
        self.refused_invites = self._counter("refused_invites", "Wrong, used or expired invites.")
        self.floor_server_starts = self._counter("floor_server_starts", "Floor servers started.")
        self.broken_rules = self._counter("broken_rules", "Never: floor control has a bug.")
        self._registry.register(_Collector(self))

    def text(self) -> bytes:
        """All of it, as `/metrics` answers."""
        return generate_latest(self._registry)

    def _counter(self, name: str, meaning: str) -> Counter:
        return Counter(f"ptt_{name}", meaning, registry=self._registry)


class _Collector:
    """Reads what others keep at the moment of asking."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        for name, (meaning, value) in self._metrics.gauges.items():
            yield GaugeMetricFamily(f"ptt_{name}", meaning, value())
        last = self._metrics.floor_servers
        for name in dict.fromkeys(name for counters in last.values() for name in counters):
            full = name if name.startswith("ptt_") else f"ptt_floor_{name}"
            family = CounterMetricFamily(
                full, "Counted by a floor server.", labels=["floor_server"]
            )
            for number, counters in last.items():
                family.add_metric([str(number)], counters.get(name, 0))
            yield family
