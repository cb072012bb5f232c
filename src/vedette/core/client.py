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
