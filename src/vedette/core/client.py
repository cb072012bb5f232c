"""The client's address behind reverse proxies."""

from ipaddress import ip_address


def client_address(peer: str | None, forwarded: str, trusted: int) -> str | None:
    """Return the address the outermost of `trusted` proxies saw; the peer's own when no proxy is trusted.

    `forwarded` is the value of X-Forwarded-For (several headers joined by commas). What stands left of the
    trusted part was written by strangers and is ignored; what is no address yields the peer's.
    """
    if trusted <= 0 or not forwarded:
        return peer
    hops = [hop.strip() for hop in forwarded.split(",")]
    chosen = hops[-trusted] if trusted <= len(hops) else hops[0]
    return _address(chosen) or peer


def _address(text: str) -> str | None:
    bare = text.removeprefix("[").partition("]")[0] if text.startswith("[") else text
    for candidate in (bare, bare.rpartition(":")[0]):
        try:
            return str(ip_address(candidate))
        except ValueError:
            continue
    return None


def is_protected(scheme: str, peer: str | None, forwarded: str, proto: str, trusted: int) -> bool:
    """Tell whether nobody on the way can read a request: it came by TLS, or from this machine itself.

    `proto` is the value of X-Forwarded-Proto, which counts when a proxy is trusted. Where `forwarded` names somebody a proxy
    on this machine passed the request on, and the way to the proxy is not known to be safe.
    """
    if scheme == "https" or (trusted > 0 and proto.rpartition(",")[2].strip().lower() == "https"):
        return True
    try:
        return not forwarded and peer is not None and ip_address(peer).is_loopback
    except ValueError:
        return False
