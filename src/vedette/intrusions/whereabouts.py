"""Where an address is and whose network it is in, by the files (mmdb) of the setting `geoip`; nothing without them."""

import functools
import ipaddress
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from vedette.intrusions.types import Shown
from vedette.plumbing.ports import ports

if TYPE_CHECKING:
    from maxminddb.reader import Reader

_LOG = logging.getLogger("vedette.intrusions")
Found = Mapping[str, object]


def of(value: str) -> Shown:
    """Return what is known of an address or of a network's first one; nothing of a name, or without files."""
    try:
        address = str(ipaddress.ip_network(value, strict=False).network_address)
    except ValueError:
        return Shown()
    shown = Shown()
    for path in filter(None, (part.strip() for part in ports().settings.geoip.split(","))):
        found = _looked(path, address)
        shown = Shown(
            shown.country or _country(found),
            shown.place or _named(found.get("city")),
            shown.network or _network(found),
        )
    return shown


def _looked(path: str, address: str) -> Found:
    try:
        reader = _reader(path, Path(path).stat().st_mtime_ns)
        found = reader.get(address) if reader is not None else None
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@functools.lru_cache(8)
def _reader(path: str, changed: int) -> "Reader | None":  # noqa: ARG001 - a file that was replaced is opened anew
    import maxminddb

    try:
        return maxminddb.open_database(path)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        _LOG.warning("%s is no mmdb that can be read: %s", path, error)
        return None


def _country(found: Found) -> str:
    country = found.get("country") or found.get("registered_country")
    code = country.get("iso_code") if isinstance(country, dict) else country
    return code[:2] if isinstance(code, str) else ""


def _named(found: object) -> str:
    names = found.get("names") if isinstance(found, dict) else None
    name = names.get("en") if isinstance(names, dict) else found
    return _plain(name) if isinstance(name, str) else ""


def _network(found: Found) -> str:
    number = found.get("autonomous_system_number")
    name = found.get("autonomous_system_organization")
    said = [f"AS{number}" if isinstance(number, int) else "", _plain(name) if isinstance(name, str) else ""]
    return " ".join(filter(None, said))


def _plain(text: str) -> str:
    return "".join(char for char in text if char.isprintable())[:80]
