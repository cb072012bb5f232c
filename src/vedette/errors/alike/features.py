"""What makes issues similar, and how similar what they share makes them. Pure.

An issue has a handful of features: its exception type together with its place, the template of its message, and the
functions of its newest frames of the application, as grouping cleaned them. Their hashes are looked up in an index; so
few and so telling features need no MinHash.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping

import msgspec

from vedette.errors import cleaning
from vedette.errors.alike.types import Feature, FeatureKind, Traits

MOST_FRAMES = 5
_WEIGHTS = {FeatureKind.PLACE: 0.4, FeatureKind.MESSAGE: 0.3, FeatureKind.FRAME: 0.3}
_LEAST_WORDS = 2
_WORD = re.compile(r"(?<![<\w])[^\W\d_]{2,}(?![\w>])")
_HALF = 0.5


class Likeness(msgspec.Struct, frozen=True):
    """How similar (0 to 1; 0 is not at all) and why, in words."""

    score: float
    reason: str


def features_of(traits: Traits) -> tuple[Feature, ...]:
    """Return the features of an issue, each once."""
    found = [*_place(traits), *_message(traits), *_frames(traits)]
    return tuple({one.hash: one for one in found}.values())


def _place(traits: Traits) -> Iterable[Feature]:
    if traits.kind and traits.culprit:
        yield _feature(FeatureKind.PLACE, f"{traits.kind}\x1f{traits.culprit}")


def _message(traits: Traits) -> Iterable[Feature]:
    """Yield the message without what varies, unless hardly a word is left of it: those are alike by chance."""
    template = cleaning.NEWEST.text(traits.message)
    if len(_WORD.findall(template)) >= _LEAST_WORDS:
        yield _feature(FeatureKind.MESSAGE, template)


def _frames(traits: Traits) -> Iterable[Feature]:
    own = [part.value for part in traits.parts if part.name == "your frame"]
    every = own or [part.value for part in traits.parts if part.name == "frame"]
    for value in every[-MOST_FRAMES:]:
        yield _feature(FeatureKind.FRAME, value)


def _feature(kind: FeatureKind, value: str) -> Feature:
    told = f"{int(kind)}\x1e{value}".encode(errors="replace")
    return Feature(int.from_bytes(hashlib.blake2b(told, digest_size=8).digest(), "big") >> 1, kind)


def likeness(own: Mapping[int, FeatureKind], shared: Collection[int]) -> Likeness:
    """Return how similar an issue is that shares these of one's own features.

    A type at a place, or a message, is enough; frames are when at least half of them are shared.
    """
    frames = [hash_ for hash_, kind in own.items() if kind is FeatureKind.FRAME]
    common = sum(1 for hash_ in frames if hash_ in shared)
    share = common / len(frames) if frames else 0.0
    kinds = {own[hash_] for hash_ in shared if hash_ in own}
    if not kinds - {FeatureKind.FRAME} and share < _HALF:
        return Likeness(0.0, "They share too little.")
    whole = sum(_WEIGHTS[kind] for kind in set(own.values()))
    score = sum(_WEIGHTS[kind] * (share if kind is FeatureKind.FRAME else 1.0) for kind in kinds) / whole
    return Likeness(round(score, 2), _reason(kinds, common, len(frames)))


def _reason(kinds: Collection[FeatureKind], common: int, frames: int) -> str:
    said = [
        "same exception at the same place" if FeatureKind.PLACE in kinds else "",
        "same message" if FeatureKind.MESSAGE in kinds else "",
        f"{common} of {frames} {'frame' if frames == 1 else 'frames'} shared" if common else "",
    ]
    told = ", ".join(part for part in said if part)
    return f"{told[:1].upper()}{told[1:]}"
