"""How states are shown on the pages of infrastructure: the tone of a mark and its word. Pure."""

from collections.abc import Iterable

from vedette.deploy.types import Act, Condition, DangerKind, Deed, DriftState, RunState, Side, ThingState, Way
from vedette.wire.infra import Verdict

CONDITIONS = {
    Condition.BROKEN: ("crit", "Broken"), Condition.BLIND: ("crit", "Unreadable"), Condition.DRIFTED: ("warn", "Drifted"),
    Condition.UNKNOWN: ("off", "Unknown"), Condition.PENDING: ("info", "Not applied"), Condition.GOOD: ("ok", "As said"),
}  # fmt: skip
THINGS = {
    ThingState.DRIFTED: ("warn", "Drifted"), ThingState.UNREAD: ("off", "Not read"), ThingState.MISSING: ("info", "Not made"),
    ThingState.PENDING: ("info", "To change"), ThingState.UNSAID: ("warn", "In no file"), ThingState.FOREIGN: ("off", "Foreign"),
    ThingState.RIGHT: ("ok", "As said"),
}  # fmt: skip
VERDICTS = {
    Verdict.BROKEN: ("crit", "Does not hold"), Verdict.UNKNOWN: ("off", "Nobody knows"), Verdict.HOLDS: ("ok", "Holds"),
}  # fmt: skip
WAYS = {
    Way.CHANGED: "is not as the files say", Way.GONE: "is gone", Way.UNSAID: "bears the project's mark, and no file says it",
    Way.FOREIGN: "came, and no file says it",
}  # fmt: skip
SIDES = {
    Side.BOTH: "The files changed as well: adopting it undoes that.",
    Side.UNKNOWN: "Nobody knows which side moved: it was never seen as the files say.",
}
DRIFTS = {
    DriftState.OPEN: ("warn", "Drifted"), DriftState.GONE: ("ok", "Gone again"), DriftState.REVERTED: ("ok", "Reverted"),
    DriftState.ADOPTED: ("ok", "Adopted"),
}  # fmt: skip
DEEDS = {
    Deed.PLAN: ("Plan", "list"), Deed.APPLY: ("Apply", "play"), Deed.REVERT: ("Revert", "undo-2"), Deed.ADOPT: ("Adopt", "file-text"),
    Deed.DESTROY: ("Removal", "trash-2"),
}  # fmt: skip
RUNS = {
    RunState.ASKED: ("info", "Waits"), RunState.RUNNING: ("info", "Running"), RunState.DONE: ("ok", "Done"),
    RunState.FAILED: ("crit", "Failed"), RunState.INTERRUPTED: ("warn", "Interrupted"),
}  # fmt: skip
GOING = frozenset({RunState.ASKED, RunState.RUNNING})
AGAIN = frozenset({RunState.FAILED, RunState.INTERRUPTED})
ACTS = {
    Act.CREATE: ("ok", "Make"), Act.UPDATE: ("info", "Change"), Act.REPLACE: ("warn", "Make anew"), Act.DELETE: ("crit", "Remove"),
}  # fmt: skip
DANGERS = {
    DangerKind.LOCKOUT: ("crit", "Lockout"), DangerKind.EXPOSURE: ("crit", "Exposure"), DangerKind.DATA_LOSS: ("crit", "Data loss"),
    DangerKind.EGRESS: ("warn", "Egress"), DangerKind.DOWNTIME: ("warn", "Downtime"), DangerKind.COST: ("warn", "Cost"),
}  # fmt: skip
ICONS = {"crit": "flame", "warn": "triangle-alert", "ok": "shield-check", "info": "network", "off": "network"}
KINDS = (
    "server", "load_balancer", "firewall", "network", "volume", "primary_ip", "floating_ip", "certificate", "zone", "placement", "key", "snapshot",
)  # fmt: skip


def by_kind(kinds: Iterable[str]) -> list[str]:
    """Return kinds, each once, in the order in which people look for them."""
    return sorted(set(kinds), key=lambda each: (KINDS.index(each) if each in KINDS else len(KINDS), each))


def called(kind: str) -> str:
    """Return a kind as people write it."""
    return kind.replace("_", " ")
