"""Judges the way of the voice by what became of probes. Pure.

Limits: ITU-T G.114 for delay (150 ms one way is unnoticed, 400 ms too much), the goals of speech
under loss for what the redundancy still mends.
"""

from ptt_desk.checks import names
from ptt_desk.checks.finding import Finding, ok, problem, skipped, warning
from ptt_desk.checks.probes import RoundTrips

# Specification
LONG_ROUND_TRIP = 0.300  # s; ITU-T G.114: 150 ms each way

# Implementation
SOME_LOSS = 0.05  # redundancy hides it, at the price of more traffic and of 80 ms of delay
MUCH_LOSS = 0.30  # what redundancy was measured to mend
MUCH_JITTER = 0.030  # s; the jitter buffer holds back voice by twice that
_CABLE = "use a cable in place of the radio network, or ask whoever runs the network"


def judge_way(host: str, port: int, trips: RoundTrips | None) -> list[Finding]:
    """Findings of names.WAY; None: not one datagram came back from that UDP port."""
    if trips is None:
        return [_closed(host, port), *skipped(names.WAY[1:], "no datagram comes back")]
    carries = ok(names.VOICE_PORT, f"UDP port {port} of {host} answers", host=host, port=port)
    return [carries, _round_trip(trips), _loss(trips), _jitter(trips)]


def _closed(host: str, port: int) -> Finding:
    return problem(
        names.VOICE_PORT,
        f"Nothing comes back from UDP port {port} of {host}, so no voice can pass",
        f"let UDP out to port {port} and its answers in, in the firewalls of this computer, "
        "of the network and of the server",
        host=host,
        port=port,
    )


def _round_trip(trips: RoundTrips) -> Finding:
    median = trips.median
    if median is None:
        return skipped(names.ROUND_TRIP, "all probes were lost")[0]
    sentence = f"{_ms(median)} to the floor server and back"
    figures = {"median": median, "shortest": min(trips.returned), "longest": max(trips.returned)}
    if median > LONG_ROUND_TRIP:
        return warning(names.ROUND_TRIP, f"{sentence}, which is felt", _CABLE, **figures)
    return ok(names.ROUND_TRIP, sentence, **figures)


def _loss(trips: RoundTrips) -> Finding:
    sent = len(trips.seconds)
    sentence = f"{trips.lost} of {sent} probes lost"
    figures = {"share": trips.loss, "probes": sent, "resolution": 1 / sent}
    if trips.loss > MUCH_LOSS:
        return problem(names.LOSS, f"{sentence}, so that speech has holes", _CABLE, **figures)
    if trips.loss >= SOME_LOSS:
        return warning(names.LOSS, f"{sentence}, which costs delay to mend", _CABLE, **figures)
    return ok(names.LOSS, sentence, **figures)


def _jitter(trips: RoundTrips) -> Finding:
    jitter = trips.jitter
    if jitter is None:
        return skipped(names.JITTER, "too many probes were lost")[0]
    sentence = f"{_ms(jitter)} from one probe to the next"
    if jitter > MUCH_JITTER:
        return warning(names.JITTER, f"{sentence}, so that voice is held back", _CABLE, mean=jitter)
    return ok(names.JITTER, sentence, mean=jitter)


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"
