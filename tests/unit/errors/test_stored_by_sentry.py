"""What open-source Sentry stored for the reference events is what we make of them, but for the differences listed here."""

import json
from pathlib import Path

import pytest
from tests.unit.errors.conftest import ID

from vedette.errors.normalize import normalize
from vedette.errors.scrubbing import Scrubber
from vedette.wire.delivery import Delivery

# Browsers' SDKs of the time sent no address; the server that stored these saw one.
ADDRESSES = {"js_event_with_unix_timestamp": "75.88.94.240", "small_js_error": "71.249.111.206"}
# (event, what, Sentry's, ours). Two events were edited after Sentry stored them: a host's name, and frames removed.
DIFFERENCES = {
    ("django_message_params", "tag server_name", "b25ba1d08e79", "d55ac65b9f3b"),
    (
        "js_error_with_context",
        "culprit",
        "errorWithContext(/main.js)",
        "globalZoneAwareCallback(/polyfills.js)",
    ),
}
MOST = 0.05


def compared(folder: Path, scrub: Scrubber) -> tuple[int, set[tuple[str, str, str | None, str | None]]]:
    """Return how many facts were compared, and those that differ."""
    facts, different = set(), set()
    for incoming in sorted((folder / "incoming_events").glob("*.json")):
        delivery = Delivery(
            project=1, event_id=ID, received=1_764_000_000.0, payload=incoming.read_bytes(), address=ADDRESSES.get(incoming.stem)
        )  # fmt: skip
        ours = ours_of(delivery, scrub)
        for kind in ("oss_sentry_events", "oss_sentry_json"):
            stored = folder / kind / incoming.name
            if stored.exists():
                theirs = theirs_of(json.loads(stored.read_bytes()))
                names = theirs.keys() | (ours.keys() if "level" in theirs else ours.keys() - {"level"})
                facts |= {(incoming.stem, kind, name) for name in names}
                different |= {
                    (incoming.stem, name, theirs.get(name), ours.get(name))
                    for name in names
                    if theirs.get(name) != ours.get(name)
                }
    return len(facts), different


def ours_of(delivery: Delivery, scrub: Scrubber) -> dict[str, str]:
    event = normalize(delivery, scrub).event
    told = {
        "title": event.title,
        "culprit": event.culprit,
        "platform": event.platform,
        "level": str(event.level),
    }
    return told | {f"tag {key}": value for key, value in event.tags}


def theirs_of(stored: dict[str, object]) -> dict[str, str]:
    told = {
        name: stored[name]
        for name in ("title", "culprit", "platform", "level")
        if stored.get(name) is not None
    }
    tags = [(t["key"], t["value"]) if isinstance(t, dict) else t for t in stored["tags"]]  # type: ignore[attr-defined]
    return told | {f"tag {key}": value for key, value in tags}  # type: ignore[return-value]


def test_title_culprit_level_platform_and_tags_agree(corpora: Path, scrub: Scrubber) -> None:
    count, different = compared(corpora / "sentry/glitchtip-test-data/events", scrub)
    assert different == DIFFERENCES
    assert count > 300
    assert 2 * len(different) <= MOST * count


@pytest.mark.corpus
def test_what_was_stored_is_there(corpora: Path) -> None:
    assert len(list((corpora / "sentry/glitchtip-test-data/events/incoming_events").glob("*.json"))) == 14
