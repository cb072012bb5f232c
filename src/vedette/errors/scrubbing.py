"""Take secrets out of an event before it rests: one look at its bytes, and a walk only when something is suspect.

What is hidden leaves `[Filtered: rule]` behind, so that a page can say which rule took it. Texts that are too long
are cut on the way.
"""

import functools
from collections.abc import Iterator

from vedette.errors.secrets import FILTERED, Names, Suspicion, Texts
from vedette.errors.shape import Draft
from vedette.errors.walking import Place, Walk
from vedette.projects.types import ScrubRules

LONGEST = 65_536
CUT = "… [cut]"


class Scrubber:
    """The scrubbing of a project's events; made once for its rules and used for every event. One thread at a time."""

    def __init__(self, rules: ScrubRules) -> None:
        self._suspicion = Suspicion(rules)
        self._names = Names(rules)
        self._texts = Texts(rules, self._names)
        self._cards = rules.defaults

    def suspects(self, payload: bytes) -> bool:
        """Tell from the raw JSON whether the walk may find something: a secret, or a text that is too long."""
        return len(payload) > LONGEST or self._suspicion.any(payload)

    def scrub(self, draft: Draft, payload: bytes | None = None) -> None:
        """Hide the event's secrets and cut its texts, in place; a note sums up what was done.

        With `payload`, the raw JSON the event was read from as it is, texts are looked into only when it gives cause.
        """
        texts = payload is None or len(payload) > LONGEST or self._suspicion.in_texts(payload)
        walk = Walk(self._names, texts=texts, cards=self._cards)
        walk.run(draft.data)
        cut = _cut(walk) if texts else 0
        for place in walk.where(self._texts.suspects(walk.texts)):
            self._scrub_text(walk, place)
        if walk.hidden:
            told = ", ".join(sorted(walk.hidden))
            draft.note("", f"Hidden by scrubbing rules: {walk.hidden.total()} values ({told}).")
        if cut:
            draft.note("", f"{cut} texts were cut at {LONGEST:,} characters.")

    def _scrub_text(self, walk: Walk, place: Place) -> None:
        after = self._texts.scrubbed(place.text, source=place.source)
        if after != place.text:
            place.holder[place.key] = after  # type: ignore[index]  # `key` is a key of `holder`
            walk.hidden.update(_rules_in(after, place.text))


def _cut(walk: Walk) -> int:
    """Cut the gathered texts that are too long, where they stand; return how many."""
    long = {number: text[:LONGEST] + CUT for number, text in enumerate(walk.texts) if len(text) > LONGEST}
    shorter = {id(walk.texts[number]): text for number, text in long.items()}
    for place in list(walk.where(long)):
        place.holder[place.key] = shorter[id(place.text)]  # type: ignore[index]  # `key` is a key of `holder`
    for number, text in long.items():
        walk.texts[number] = text
    return len(long)


@functools.lru_cache(maxsize=256)
def scrubber(rules: ScrubRules) -> Scrubber:
    """Return the scrubber of these rules."""
    return Scrubber(rules)


def _rules_in(after: str, before: str) -> Iterator[str]:
    """Yield the rules whose marks stand in a text and did not before."""
    marks = FILTERED + ": "
    for piece in after.split(marks)[1 + before.count(marks) :]:
        yield piece.partition("]")[0]
