"""Units of systemd that failed. Source: systemctl(1)."""

import re

from vedette.instruments.host.asking import Ask

MOST = 100
_UNIT = re.compile(r"[A-Za-z0-9@:_.\\-]{1,255}")


def failed(ask: Ask) -> tuple[str, ...] | None:
    """Return the names of the units that failed; None where there is no systemd to be asked."""
    said = ask("systemctl", "--failed", "--no-legend", "--plain", "--no-pager")
    if said is None:
        return None
    names = (line.split()[0] for line in said.splitlines() if line.strip())
    return tuple(sorted(name for name in names if _UNIT.fullmatch(name)))[:MOST]
