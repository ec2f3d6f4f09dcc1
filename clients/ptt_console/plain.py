"""One line for each event: for logs, tests and screen readers. Pure."""

from ptt.client import events
from ptt.client.events import Event


def line(event: Event) -> str:
    """The event as one sentence without a line break."""
    text = _of_surroundings(event) or _of_floor(event)
    return " ".join(text.split())


def _of_surroundings(event: Event) -> str:
    match event:
        case events.Connected(server=server, person=person):
            return f"Connected to {server} as {person}."
        case events.ConnectionLost(sentence=sentence, retry_in=wait):
            return f"Connection lost: {sentence} Next attempt in {wait:.1f} s."
        case events.ChannelsChanged(channels=channels):
            return f"Your channels: {_names(channels)}."
        case events.ChannelJoined(channel=channel, members=members, may_talk=may_talk):
            role = "" if may_talk else " You may listen but not talk."
            return f"Joined {channel}, with {_names(members)}.{role}"
        case events.ChannelLeft(channel=channel, sentence=sentence):
            return f"Left {channel}. {sentence}"
        case events.MembersChanged(channel=channel, members=members):
            return f"In {channel}: {_names(members)}."
        case events.TalkerChanged(channel=channel, talker=None):
            return f"Nobody talks in {channel}."
        case events.TalkerChanged(channel=channel, talker=talker, emergency=emergency):
            return f"{'EMERGENCY: ' if emergency else ''}{talker} talks in {channel}."
        case events.VoiceDoubted(channel=channel, talker=talker):
            return f"Beware: in {channel} {doubt(talker)}"
        case events.WaitingChanged(channel=channel, waiting=waiting):
            return f"Waiting in {channel}: {_names(waiting)}."
        case events.ReplayStarted(talker=talker, seconds_ago=ago):
            return f"Again: {talker}, {ago:.0f} s ago."
        case events.ReplayEnded():
            return "That was it again."
        case events.AudioFailed(sentence=sentence) | events.AudioChanged(sentence=sentence):
            return f"Sound: {sentence}"
        case _:
            return ""


def _of_floor(event: Event) -> str:
    match event:
        case events.HandsFreeChanged(channel=None):
            return "Hands-free is off."
        case events.HandsFreeChanged(channel=channel):
            return f"Hands-free in {channel}: speak to talk."
        case events.FloorRequested(channel=channel, by_voice=True):
            return f"A voice was heard: asked for the floor of {channel}."
        case events.FloorRequested(channel=channel):
            return f"Asked for the floor of {channel}."
        case events.FloorGranted(access_time=access, talk_limit=limit):
            return f"Talk now, for at most {limit:.0f} s (after {1000 * access:.0f} ms)."
        case events.FloorDenied(sentence=sentence):
            return f"Denied: {sentence}"
        case events.FloorQueued(position=position, before=before):
            return f"Queued at place {position}, behind {_names(before)}."
        case events.FloorRevoked(sentence=sentence):
            return f"Floor lost: {sentence}"
        case events.FloorReleased(seconds=seconds):
            return f"Released after {seconds:.1f} s."
        case events.TalkLimitNear(seconds=seconds):
            return f"Talk limit: {seconds:.0f} s left."
        case events.OpenMicrophone(seconds=seconds):
            return f"Nobody speaks: the floor goes back in {seconds:.0f} s."
        case _:
            return ""


def doubt(talker: str | None) -> str:
    """What a person should know of a voice that two send."""
    name = talker or "somebody"
    return f"a second sender speaks as {name}: do not trust this voice, tell who runs the server."


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "nobody"
