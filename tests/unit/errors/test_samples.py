"""Every sample event of the corpora becomes an event that belongs somewhere, always the same place."""

import json
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from tests.unit.errors.conftest import ID

from vedette.errors import grouping
from vedette.errors.normalize import Normalized, normalize
from vedette.errors.scrubbing import Scrubber, scrubber
from vedette.errors.types import Event
from vedette.projects.types import ScrubRules
from vedette.wire.delivery import Delivery

FOLDERS = ("bugsink", "glitchtip", "sentry")


def samples(corpora: Path) -> list[Path]:
    root = corpora / "sentry/event-samples"
    return sorted(path for name in FOLDERS for path in (root / name).glob("*.json"))


def made_of(path: Path, scrub: Scrubber) -> Normalized:
    return normalize(
        Delivery(project=1, event_id=ID, received=1_764_000_000.0, payload=path.read_bytes()), scrub
    )


@pytest.mark.corpus
def test_all_are_read_and_keep_what_they_say(corpora: Path, scrub: Scrubber) -> None:
    paths = samples(corpora)
    assert len(paths) == 190
    for path in paths:
        event = made_of(path, scrub).event
        sent = json.loads(path.read_bytes())
        assert event.title, path.name
        assert set(sent) - set(event.data) <= {key for key in sent if key.startswith("sentry.interfaces.")}, (
            path.name
        )
        assert not [note for note in event.notes if "nothing of it" in note.what], path.name
        assert msgspec.json.decode(msgspec.json.encode(event), type=Event) == event


@pytest.mark.corpus
def test_all_group_the_same_way_again(corpora: Path, scrub: Scrubber) -> None:
    components: Counter[str] = Counter()
    for path in samples(corpora):
        first = grouping.fingerprint(made_of(path, scrub).event)
        again = grouping.fingerprint(made_of(path, scrubber(ScrubRules(extra_keys=("nothing",)))).event)
        assert first == again, path.name
        assert first.parts, path.name
        components[first.component] += 1
    assert components["exception"] > 100
    assert components["nothing"] <= 3
