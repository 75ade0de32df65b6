"""Which network addresses a fetch may connect to.

A URL can be made to reach what only this machine can reach: services on loopback, the local network, a cloud's
metadata. So a host is resolved once, every address that it has is checked, and the connection is made to one that was
checked; a second answer of the name server (DNS rebinding) is never asked for.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence

from knowledge.errors import FetchError, FetchRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
"""From host and port to IP addresses; raises OSError where there are none."""

_NAT64 = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48")))
_COMPATIBLE = ipaddress.IPv6Network("::/96")


def resolve_host(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system resolves it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: Address) -> bool:
    """Whether the address, and any IPv4 address that it wraps, is one of the public internet."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _wrapped(address)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address in a mapped, 6to4, Teredo, NAT64 or compatible one: the host that is really reached."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _COMPATIBLE or any(address in network for network in _NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


def checked_address(host: str, port: int, allow_private: bool, resolve: Resolve) -> str:
    """The address to connect to for `host`.

    Raises FetchRefused where any of its addresses is not public (unless `allow_private`), FetchError where it has none.
    """
    try:
        addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in resolve(host, port)]
    except (OSError, UnicodeError, ValueError) as error:
        raise FetchError(f"The host {host} can't be found ({error}). Check the URL and the network.") from error
    if not addresses:
        raise FetchError(f"The host {host} has no address. Check the URL and the network.")
    barred = next((address for address in addresses if not is_public(address)), None)
    if barred is not None and not allow_private:
        raise FetchRefused(
            f"The host {host} is at {barred}, which is no public address. "
            "Set HKVA_FETCH_PRIVATE=true if this machine may fetch from its own network."
        )
    return str(addresses[0])
