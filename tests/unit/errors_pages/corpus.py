"""The corpus events, and what each of them says."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from vedette.errors.present import values

SPACE = re.compile(r"\s+")


def leaves(value: object) -> Iterator[str]:
    """Yield every text and number (not truth values) an event holds."""
    if isinstance(value, dict):
        for member in value.values():
            yield from leaves(member)
    elif isinstance(value, list):
        for member in value:
            yield from leaves(member)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


def flat(text: str) -> str:
    return SPACE.sub(" ", text.replace("⏎", " ").replace("\r", "")).strip()


def corpus_events(corpora: Path) -> list[tuple[str, dict[str, object]]]:
    sentry = corpora / "sentry"
    files = [
        *sentry.glob("event-samples/*/*.json"),
        *sentry.glob("glitchtip-test-data/events/incoming_events/*.json"),
    ]
    return [(str(f.relative_to(sentry)), json.loads(f.read_text())) for f in sorted(files)]


def drawn_otherwise(data: dict[str, object]) -> set[str]:
    """Texts drawn in other words: instants of breadcrumbs are told as distances, what a rule took out as a chip."""
    listed = values.members(data.get("breadcrumbs"))
    told = {str(c.get("timestamp")) for c in listed} | {str(c.get("type")) for c in listed}
    return told | {leaf for leaf in leaves(data) if any(gap for _, gap in values.pieces(leaf))}
