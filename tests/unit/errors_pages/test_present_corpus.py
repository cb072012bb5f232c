"""Every text and number of every corpus event finds its place in the layout."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from vedette.errors.present import crumbs, event

SPACE = re.compile(r"\s+")


def leaves(value: object) -> Iterator[str]:
    """Yield every text and number (not truth values) an event holds, keys of objects included."""
    if isinstance(value, dict):
        for key, member in value.items():
            if member not in (None, "", [], {}):
                yield from leaves(member)
    elif isinstance(value, list):
        for member in value:
            yield from leaves(member)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


def shown_texts(layout: event.Layout) -> Iterator[str]:
    """Yield the texts of a layout."""

    def walk(value: object) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for member in value.values():
                yield from walk(member)
        elif isinstance(value, list | tuple):
            for member in value:
                yield from walk(member)
        elif value is not None:
            yield str(value)

    yield from walk(msgspec.to_builtins(layout))


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
    """Texts whose place is drawn in other words: instants of breadcrumbs, which are told as distances."""
    from vedette.errors.present import values

    listed = values.members(data.get("breadcrumbs"))
    return {str(c.get("timestamp")) for c in listed} | {str(c.get("type")) for c in listed}


def test_every_leaf_is_laid_out(corpora: Path) -> None:
    events = corpus_events(corpora)
    assert len(events) == 204
    lost = {}
    for name, data in events:
        at = crumbs.instant(data.get("timestamp")) or 0.0
        texts = {flat(text) for text in shown_texts(event.lay_out(data, at))}
        whole = "\n".join(texts)
        missing = [
            leaf for leaf in leaves(data) if flat(leaf) not in whole and leaf not in drawn_otherwise(data)
        ]
        if missing:
            lost[name] = missing[:5]
    assert lost == {}


@pytest.mark.parametrize("key", ["exception", "request", "contexts", "user", "breadcrumbs", "extra", "tags"])
def test_a_leaf_of_each_part_would_be_missed(key: str, corpora: Path) -> None:
    """The check above can fail: without the part, something of it is missing."""
    name, data = next((n, d) for n, d in corpus_events(corpora) if d.get(key) and len(str(d[key])) > 60)
    without = {k: v for k, v in data.items() if k != key}
    whole = "\n".join(flat(t) for t in shown_texts(event.lay_out(without, 0.0)))
    assert [leaf for leaf in leaves(data[key]) if flat(leaf) not in whole], name
