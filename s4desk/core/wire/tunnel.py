"""A tunnel through whatever proxy an endpoint has, where its requests are not forwarded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.wire.proxying import dig
from s4desk.core.wire.socks import dig_socks

if TYPE_CHECKING:
    from s4desk.core.wire.endpoint import Endpoint, Timeouts
    from s4desk.core.wire.stream import PlainStream


def open_tunnel(stream: PlainStream, endpoint: Endpoint, timeouts: Timeouts) -> None:
    """Nothing for an endpoint that needs none. Raises what `dig` and `dig_socks` raise."""
    proxy = endpoint.proxy
    if proxy is None or endpoint.is_forwarded:
        return
    (dig_socks if proxy.is_socks else dig)(stream, endpoint, proxy, timeouts)
