"""The sockets and keys of a client, one MediaLink for each floor server, and their tasks.

Media --open--> MediaLink, a task that hands out what comes
"""

from collections.abc import Callable, Iterator

import trio

from ptt.client.media_link import MediaLink
from ptt.client.network import Network
from ptt.wire.control import ControlMessage
from ptt.wire.signalling import Media

ControlSink = Callable[[int, list[ControlMessage]], None]  # of which floor server
VoiceSink = Callable[[bytes], None]


class MediaLinks:
    """`control` and `voice` take what comes, from any of them."""

    def __init__(self, network: Network, control: ControlSink, voice: VoiceSink) -> None:
        self._network = network
        self._control = control
        self._voice = voice
        self._links: dict[int, tuple[MediaLink, trio.CancelScope]] = {}
        self._nursery: trio.Nursery | None = None

    async def run(self, task_status: "trio.TaskStatus[None]" = trio.TASK_STATUS_IGNORED) -> None:
        """Hand out what comes, until cancelled; links can be opened from when it has started."""
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            await trio.sleep_forever()

    def open(self, media: Media, host: str) -> None:
        """A link under these keys, in place of a former one to the same floor server.

        `host` is that of the session, in case the Media message names none.
        """
        assert self._nursery is not None, "Media came before the tasks were started"
        self._close(media.floor_server)
        link, scope = MediaLink(media, host), trio.CancelScope()
        self._links[media.floor_server] = link, scope
        self._nursery.start_soon(self._run_link, media.floor_server, link, scope)

    def close_all(self) -> None:
        """All keys are void."""
        for floor_server in list(self._links):
            self._close(floor_server)

    def get(self, floor_server: int) -> MediaLink | None:
        """The link to this one, if there is one."""
        link, _ = self._links.get(floor_server, (None, None))
        return link

    def __iter__(self) -> Iterator[tuple[int, MediaLink]]:
        return ((number, link) for number, (link, _) in self._links.items())

    def _close(self, floor_server: int) -> None:
        if floor_server in self._links:
            _, scope = self._links.pop(floor_server)
            scope.cancel()

    async def _run_link(self, floor_server: int, link: MediaLink, scope: trio.CancelScope) -> None:
        with scope:
            await link.run(
                self._network,
                lambda messages: self._control(floor_server, messages),
                self._voice,
            )
