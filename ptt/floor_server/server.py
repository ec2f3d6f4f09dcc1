"""The floor server without its loop: its parts joined, and the switchboard's orders obeyed.

    trunk --obey--> Floors, Clients          Entrance <--take_untrusted-- datagrams
                        |                        |
                        +------ MediaPlane ------+--> bulk send

No Trio and no clock. An order about a client or channel that is not there is counted and passed
over: the two programs may disagree for a moment while something ends.
"""

from collections.abc import Callable

from ptt.channel.roster import Member
from ptt.floor_server.clients import Clients
from ptt.floor_server.downlink import Downlink
from ptt.floor_server.entrance import Entrance
from ptt.floor_server.floors import Floors
from ptt.floor_server.media_plane import MediaPlane
from ptt.floor_server.statistics import Counters
from ptt.net.bulk_send import BulkSender
from ptt.net.datagrams import Datagram, DatagramSocket
from ptt.wire import trunk


class FloorServer:
    """All floors and all voice of one process.

    `new_nonce` gives eight octets of chance, `new_burst` the SSRC of each talk burst, `report`
    takes what the switchboard is to know.
    """

    def __init__(
        self,
        socket: DatagramSocket,
        bulk: BulkSender,
        *,
        new_nonce: Callable[[], bytes],
        new_burst: Callable[[], int],
        report: Callable[[trunk.ToSwitchboard], None],
    ) -> None:
        self.counters = Counters()
        self._report = report
        self._clients = Clients(new_nonce)
        downlink = Downlink(socket, self.counters)
        self._plane = MediaPlane(socket, bulk, self.counters)
        self._floors = Floors(
            self._clients,
            self._plane,
            downlink,
            bulk,
            self.counters,
            new_burst=new_burst,
            report=report,
        )
        self._entrance = Entrance(self._clients, self._floors, self._plane, downlink, self.counters)

    @property
    def deadline(self) -> float:
        """Call `handle_deadline` no later than this."""
        return self._floors.deadline

    @property
    def has_more(self) -> bool:
        """Call `take_untrusted` again at once, also without new datagrams."""
        return self._entrance.has_more

    def take_untrusted(self, datagrams: list[Datagram], now: float) -> None:
        """React to what came by UDP; never raises for its content."""
        self._entrance.take_untrusted(datagrams, now)

    def handle_deadline(self, now: float) -> None:
        """Let the channels whose time has come react."""
        self._floors.handle_deadline(now)

    def every_second(self, now: float) -> None:
        """Send reports to talkers, counters to the switchboard."""
        self._floors.every_second(now)
        self._report(trunk.Statistics(counters=self.counters.snapshot()))

    def stop(self, now: float) -> None:
        """Take all floors and report the end of every burst."""
        self._floors.stop(now)
        self._report(trunk.Statistics(counters=self.counters.snapshot()))

    def obey(self, order: trunk.ToFloorServer, now: float) -> None:
        """Do what the switchboard says."""
        match order:
            case trunk.AddClient():
                self._clients.add(order.client, order.ssrc, order.uplink_key, order.control_key)
            case trunk.RemoveClient():
                self._remove_client(order, now)
            case trunk.SetChannel():
                self._floors.set_channel(order)
            case trunk.RemoveChannel():
                self._floors.remove_channel(order.channel, now)
            case trunk.SetMember() | trunk.RemoveMember():
                self._obey_about_member(order, now)
            case trunk.AddEpoch() | trunk.UseEpoch():
                self._obey_about_epoch(order)
            case trunk.Stop():
                pass  # the loop ends and calls `stop`

    def _remove_client(self, order: trunk.RemoveClient, now: float) -> None:
        client = self._clients.get(order.client)
        if client is None:
            self.counters.unknown_orders += 1
        else:
            self._floors.remove_client(client, now)

    def _obey_about_member(self, order: trunk.SetMember | trunk.RemoveMember, now: float) -> None:
        client = self._clients.get(order.client)
        floor = self._floors.get(order.channel)
        if client is None or floor is None:
            self.counters.unknown_orders += 1
            return
        match order:
            case trunk.SetMember():
                member = Member(order.client, order.ssrc, order.priority, order.may_talk)
                self._floors.set_member(floor, client, member, order.voice_key, order.epoch, now)
            case trunk.RemoveMember():
                self._floors.remove_member(floor, client, now)

    def _obey_about_epoch(self, order: trunk.AddEpoch | trunk.UseEpoch) -> None:
        floor = self._floors.get(order.channel)
        if floor is None:
            self.counters.unknown_orders += 1
            return
        match order:
            case trunk.AddEpoch(epoch=epoch, key=key):
                self._floors.add_epoch(floor, epoch, key)
            case trunk.UseEpoch(epoch=epoch):
                self._floors.use_epoch(floor, epoch)
