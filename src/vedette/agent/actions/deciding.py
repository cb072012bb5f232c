"""May an action that was ordered run? Pure: only what the host's own configuration names, once, and never too late."""

import re
from collections.abc import Collection

from vedette.core.clock import iso
from vedette.wire.agent.types import ActionOrder

MOST_OUTPUT = 16_384  # bytes of what a program says that are told: its end
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")


def refusal(order: ActionOrder, offered: Collection[str], now: float) -> str:
    """Return why an order is not run, empty where it may be; one that was run before is not asked for here."""
    if order.action not in offered:
        return "This host's agent offers no such action: name it under [actions] in its configuration."
    if not now < order.until:  # no number is never before now
        return f"The order was good until {_told(order.until)}, and it was {_told(now)} here when it came; nothing was run."
    return ""


def told(output: bytes, dropped: int) -> str:
    """Return what a program said as text, without what a terminal would obey (ECMA-48); `dropped` bytes before it are left out."""
    text = _ESCAPE.sub("", output.decode("utf-8", "replace").replace("\r\n", "\n"))
    plain = "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text.expandtabs(8))
    head = f"[{dropped:,} bytes before this are left out]\n" if dropped else ""
    return head + plain[-MOST_OUTPUT:].strip("\n")


def _told(at: float) -> str:
    return iso(at)[11:19] + " UTC" if 0 < at < 253_402_300_799 else "no known time"
