"""The item types of an envelope: the data category each is rate limited under, and its size limit."""

import msgspec

KIB = 1024
MIB = 1024 * KIB


class ItemType(msgspec.Struct, frozen=True):
    """What is known of an item type. `limit` is in bytes, inflated."""

    name: str
    category: str
    limit: int = MIB


ITEM_TYPES: dict[str, ItemType] = {
    kind.name: kind
    for kind in (
        ItemType("event", "error"),
        ItemType("transaction", "transaction"),
        ItemType("attachment", "attachment", 200 * MIB),
        ItemType("session", "session"),
        ItemType("sessions", "session"),
        ItemType("feedback", "feedback"),
        ItemType("user_report", "feedback"),
        ItemType("client_report", "internal"),
        ItemType("check_in", "monitor", 100 * KIB),
        ItemType("log", "log_item", 2 * MIB),
        ItemType("span", "span", 2 * MIB),
        ItemType("profile", "profile", 50 * MIB),
        ItemType("profile_chunk", "profile_chunk", 50 * MIB),
        ItemType("replay_event", "replay"),
        ItemType("replay_recording", "replay", 20 * MIB),
        ItemType("trace_metric", "trace_metric", 2 * MIB),
        ItemType("statsd", "metric_bucket", 2 * MIB),
        ItemType("security", "security"),
        ItemType("nel", "security"),
    )
}
ALIASES = {"profile_chunk_ui": "profile_chunk"}
ATTACHMENTS_AN_EVENT = 30


def canonical(name: str) -> str:
    """Return the name an item type goes by here."""
    return ALIASES.get(name, name)


def category(name: str) -> str:
    """Return the data category of an item type; what nobody knows is `default`."""
    kind = ITEM_TYPES.get(name)
    return kind.category if kind else "default"


def limit(name: str) -> int:
    """Return the most bytes an item of this type may have, inflated."""
    kind = ITEM_TYPES.get(name)
    return kind.limit if kind else MIB
