"""The live view of one channel: a pure function from state and meters to something rich draws."""

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ptt.client import events
from ptt_console.plain import doubt
from ptt_desk.channel_state import Notice, Own, State, TalkWarning
from ptt_desk.meters import Meters

# Implementation
METER_WIDTH = 24  # characters
METER_FLOOR = -60.0  # dBFS at the left end
GOOD_LOSS, FAIR_LOSS = 0.01, 0.08  # where redundancy begins, and where it is strengthened


def render(state: State, meters: Meters, hint: str, now: float) -> RenderableType:
    """Everything, in at most a dozen lines; `hint` says what the keys do."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column()
    rows.add_row("talks", _talker(state, now))
    rows.add_row("you", _own(state, meters, now))
    rows.add_row("waiting", Text(", ".join(state.waiting) or "nobody"))
    rows.add_row("here", Text(", ".join(state.members) or "nobody"))
    rows.add_row("microphone", _microphone(meters))
    rows.add_row("network", _network(state, meters))
    return Panel(
        Group(rows, Text(_notice(state.notice), style="bold yellow"), Text(hint, style="dim")),
        title=Text(f"{state.channel} — {state.person} at {state.server}"),
        border_style="red" if state.emergency or meters.talking else "none",
    )


def _talker(state: State, now: float) -> Text:
    if state.talker is None and state.again is not None:
        again = f"again: {state.again.talker}, {state.again.seconds_ago:.0f} s ago"
        return Text(again, style="cyan")
    if state.talker is None:
        return Text("nobody", style="dim")
    name = f"EMERGENCY {state.talker}" if state.emergency else state.talker
    style = "bold red" if state.emergency else "bold green"
    return Text(f"{name} for {_seconds(now - state.talker_since)}", style=style)


def _own(state: State, meters: Meters, now: float) -> Text:
    match state.own:
        case Own.LISTENING if not state.may_talk:
            return Text("listening; you may not talk here")
        case Own.LISTENING if meters.threshold is not None:
            return Text("listening; speak to talk")
        case Own.LISTENING:
            return Text("listening")
        case Own.ASKING:
            return Text("asking for the floor")
        case Own.QUEUED:
            before = ", ".join(state.before) or "nobody"
            return Text(f"place {state.position}, behind {before}", style="yellow")
        case Own.TALKING:
            spoken = _seconds(now - state.own_since)
            latched = ", tap the key to end" if meters.latched else ""
            words = f"TALK NOW {spoken} of {_seconds(state.talk_limit)}{latched}"
            return Text(f"{words}  {_warning(state.warning)}".rstrip(), style="bold white on red")


def _warning(warning: TalkWarning | None) -> str:
    match warning:
        case events.TalkLimitNear(seconds=seconds):
            return f"{seconds:.0f} s left"
        case events.OpenMicrophone(seconds=seconds):
            return f"nobody speaks: the floor goes back in {seconds:.0f} s"
        case None:
            return ""


def _notice(notice: Notice | None) -> str:
    match notice:
        case None:
            return ""
        case events.VoiceDoubted(talker=talker):
            return f"Beware: {doubt(talker)}"
        case _:
            return notice.sentence


def _microphone(meters: Meters) -> Text:
    """Whether it is closed, heard by others, or only kept in memory here."""
    if not meters.microphone_open:
        return Text("closed", style="dim")
    if meters.talking:
        return Text(f"OPEN  {_bar(meters)}", style="red")
    kept = f"the last {meters.kept:.1f} s are kept here, nobody hears them"
    return Text(f"ready {_bar(meters)}  {kept}", style="yellow")


def _bar(meters: Meters) -> str:
    """The level, with a mark where a voice begins if one is waited for."""
    bar = list("█" * _place(meters.level) + "·" * (METER_WIDTH - _place(meters.level)))
    if meters.threshold is not None:
        bar[min(_place(meters.threshold), METER_WIDTH - 1)] = "│"
    return "".join(bar)


def _place(level: float) -> int:
    """On the meter, 0 to METER_WIDTH."""
    return round(METER_WIDTH * min(max((level - METER_FLOOR) / -METER_FLOOR, 0.0), 1.0))


def _network(state: State, meters: Meters) -> Text:
    if not state.connected:
        return Text("no connection", style="bold red")
    word, style = _judgement(meters.loss)
    trip = "unknown" if meters.rtt is None else f"{1000 * meters.rtt:.0f} ms"
    figures = f"loss {100 * meters.loss:.0f} %, jitter {1000 * meters.jitter:.0f} ms"
    return Text(f"{word} ({figures}, round trip {trip})", style=style)


def _judgement(loss: float) -> tuple[str, str]:
    if loss < GOOD_LOSS:
        return "good", "green"
    return ("fair", "yellow") if loss < FAIR_LOSS else ("bad", "red")


def _seconds(seconds: float) -> str:
    minutes, rest = divmod(int(max(seconds, 0.0)), 60)
    return f"{minutes}:{rest:02}"
