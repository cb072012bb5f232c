"""What a host tells of itself about floods, in the words of `scripts.facts`, read through the port `Live`: no shell is asked. Pure."""

import contextlib
import json
from collections.abc import Iterator

from vedette.instruments.attack import scripts, tightening
from vedette.instruments.attack.reading import END
from vedette.instruments.live.types import Live, Missing, Unreadable
from vedette.wire import jsons

ELSEWHERE = f"{scripts.FOLDER}/until"  # of a switch that was turned on over SSH
_LIMITS = ("limit", "ct count", "meter")
_RULES = ("nft", "-j", "-t", "list", "ruleset")


def told(live: Live, until: float) -> str:
    """Return the facts of a host (`reading.read`); `until` is when its own switch goes off, 0 where that is off."""
    return "\n".join([*_facts(live, until), END, ""])


def switched_elsewhere(live: Live) -> float:
    """Return until when a switch is on that was turned on over SSH, 0 where none is."""
    text = _text(live, ELSEWHERE)
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 15 else 0.0


def _facts(live: Live, until: float) -> Iterator[str]:
    for key in tightening.SYSCTLS:
        if value := _text(live, "/proc/sys/" + key.replace(".", "/")):
            yield f"sysctl {key} {value}"
    yield from _rules(live)
    for word, name in (("tracked", "count"), ("trackable", "max")):
        if value := _text(live, f"/proc/sys/net/netfilter/nf_conntrack_{name}"):
            yield f"{word} {value}"
    if latest := max(until, switched_elsewhere(live)):
        yield f"until {latest:.0f}"
    with contextlib.suppress(Missing, Unreadable):
        live.names("/run/systemd/system")
        yield "systemd yes"
    yield f"now {live.now:.0f}"


def _rules(live: Live) -> Iterator[str]:
    """Yield how many rules limit, beside those of the switch; nothing where nobody may ask."""
    try:
        listed = json.loads(live.ran(*_RULES))
    except (Missing, Unreadable, ValueError):
        return
    rows = jsons.records(listed, "nftables")
    rules = [found for row in rows if (found := jsons.record(row, "rule"))]
    others = [each for each in rules if jsons.text(each, "table") != tightening.TABLE]
    yield f"limits {sum(_limits(each) for each in others)}"
    if any(jsons.text(row, "table", "name") == tightening.TABLE for row in rows):
        yield "armed yes"


def _limits(rule: jsons.Record) -> bool:
    text = json.dumps(rule.get("expr", []))
    return any(f'"{word}":' in text for word in _LIMITS)


def _text(live: Live, path: str) -> str:
    with contextlib.suppress(Missing, Unreadable):
        return live.text(path).strip()
    return ""
