"""Calls to other systems: how they are signed, and where they may not go.

The signature covers the time and the body, so that neither can be changed and an old
call cannot be played again: ``t=1772438400,v1=5257a869...`` where v1 is the
hexadecimal HMAC-SHA256 of ``"1772438400." + body`` with the secret as key.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from urllib.parse import urlsplit

# A receiver refuses calls whose time is further away than this.
TOLERANCE = 300
SCHEMES = {"http": 80, "https": 443}


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """The signature header of ``body``, sent at ``timestamp`` (seconds of the epoch).

    >>> sign("s", 0, b"{}")[:9]
    't=0,v1=81'
    """
    digest = hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256)
    return f"t={timestamp},v1={digest.hexdigest()}"


def verify(
    secret: str, header: str, body: bytes, now: int, tolerance: int = TOLERANCE
) -> bool:
    """Whether the sender knew the secret, and sent just now: for receivers."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    time = parts.get("t", "")
    if (
        not (time.isascii() and time.isdigit() and len(time) < 16)
        or abs(now - int(time)) > tolerance
    ):
        return False
    expected = sign(secret, int(time), body)
    return hmac.compare_digest(expected.encode(), header.encode())


def split_url(url: str) -> tuple[str, str, int]:
    """``(scheme, host, port)``; raises ``ValueError`` with a code if it is no URL
    that may be called."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise ValueError("not_a_url") from None
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise ValueError("not_a_url")
    if parts.username or parts.password:
        raise ValueError("with_password")
    return parts.scheme, parts.hostname, port or SCHEMES[parts.scheme]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet at large: not this machine, not
    the network behind it, however it is written.

    >>> [is_public(ip) for ip in ("8.8.8.8", "10.0.0.1", "::ffff:127.0.0.1", "fe80::1")]
    [True, False, False, False]
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if not inner and ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
