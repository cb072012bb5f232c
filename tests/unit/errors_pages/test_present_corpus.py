"""Every text and number of every corpus event finds its place in the layout."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.unit.errors_pages.corpus import corpus_events, drawn_otherwise, flat, leaves

from vedette.errors.present import crumbs, event


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
