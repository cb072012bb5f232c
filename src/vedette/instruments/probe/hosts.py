"""Names that the machine itself knows: addresses, `localhost`, and the lines of /etc/hosts."""

import functools
from pathlib import Path

from vedette.core import address

_MOST_BYTES = 4 << 20


def known(name: str, hosts: str) -> tuple[str, ...]:
    """Return the addresses of a name without asking a resolver (RFC 6761 for localhost); none when it must be asked."""
    if address.parse(name) is not None:
        return (name,)
    low = name.lower().rstrip(".")
    if low == "localhost" or low.endswith(".localhost"):
        return ("127.0.0.1", "::1")
    return _table(hosts).get(low, ()) if hosts else ()


def _table(path: str) -> dict[str, tuple[str, ...]]:
    try:
        state = Path(path).stat()
        return _read(path, state.st_mtime_ns, state.st_size)
    except OSError:
        return {}


@functools.lru_cache(maxsize=4)
def _read(path: str, _mtime: int, size: int) -> dict[str, tuple[str, ...]]:
    """Return what a file like hosts(5) says; kept until the file changes."""
    if size > _MOST_BYTES:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for line in Path(path).read_text(encoding="utf-8", errors="replace").splitlines():
        number, *names = line.partition("#")[0].split() or [""]
        if address.parse(number) is not None:
            for name in names:
                low = name.lower()
                found[low] = (*found.get(low, ()), number)
    return found
