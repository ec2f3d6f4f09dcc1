"""Trades an invite link for a credential: once for each device and server."""

from typing import TypeVar

import msgspec

from ptt.client.credentials import Credential
from ptt.errors import InviteError, ServerUnreachableError
from ptt.net.pinned_tls import post_json
from ptt.security.invitations import InviteLink
from ptt.wire.signalling import MAX_NAME, Enrol, Enrolled, Refused

ENROL_PATH = "/v1/enrol"
_OK = 200

_T = TypeVar("_T")


async def enrol(link: str, device_name: str) -> Credential:
    """Make this device known to the server that the link names; save what comes back.

    Raises InviteError (the link is none, or the server does not honour it),
    ServerUnreachableError, ServerKeyMismatchError.
    """
    invite = InviteLink.parse(link)
    name = device_name.strip()[:MAX_NAME] or "device"
    body = msgspec.json.encode(Enrol(token=invite.token, device_name=name))
    answer = await post_json(invite.host, invite.port, invite.key_hash, ENROL_PATH, body)
    if answer.status != _OK:
        raise InviteError(_decoded(answer.body, Refused).sentence)
    enrolled = _decoded(answer.body, Enrolled)
    return Credential(
        host=invite.host,
        port=invite.port,
        key_hash=invite.key_hash,
        device=enrolled.device,
        secret=enrolled.secret,
        person=enrolled.person,
        server=enrolled.server,
    )


def _decoded(body: bytes, shape: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ServerUnreachableError(
            "The server's answer makes no sense: is it a ptt server of this release?"
        ) from error
