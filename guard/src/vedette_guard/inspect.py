"""Attempts to attack, in requests that stand before a guard (extra `inspect`): who is told, and what is refused.

It is no WAF: it tells of what somebody tries. `inspecting` looks; this says what follows from it by the policy.
"""

from __future__ import annotations

import re

from vedette_guard.decisions.asked import Asked, Refusal
from vedette_guard.decisions.detections import Kind, route_of
from vedette_guard.inspecting import Found, Inspector, Looked
from vedette_guard.passage import Passage
from vedette_guard.policy import Inspect

PART: Kind = "inspect"
REASON = "the request looks like an attack"
SNIPPET = 80
LOOKED_AT = 400  # characters of a value that a snippet is made of
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LONG = re.compile(r"\d{6,}|(?<![\w/])[A-Za-z0-9_-]{25,}")
_SECRET = re.compile(r"pass|pwd|secret|token|key|auth|card|cvc|iban|ssn|csrf|session", re.IGNORECASE)


def examiner(engine: str = "auto") -> Examiner:
    """Return what looks at requests. Raise PolicyError when neither hyperscan nor google-re2 is installed."""
    return Examiner(Inspector(engine))


class Examiner:
    """Looks at the requests of a door by the policy of their paths."""

    def __init__(self, inspector: Inspector) -> None:
        self._inspector = inspector

    def head(self, passage: Passage, asked: Asked) -> Refusal | None:
        """Tell of what path, query and headers bring; return the refusal, where the policy blocks."""
        said = passage.plan.policy.inspect
        if said is None or said.mode == "off":
            return None
        return self.examine(passage, said, Looked(asked.target(), asked.all_headers()))

    def body(self, passage: Passage, asked: Asked, length: int | None) -> BodyLook | None:
        """Return what looks into a body of `length` bytes; None when the policy has it that nobody does."""
        said = passage.plan.policy.inspect
        if said is None or said.mode == "off" or not said.body or length == 0:
            return None
        kept = said.body if length is None else min(said.body, length)
        return BodyLook(self, passage, asked.header("content-type") or "", kept)

    def examine(self, passage: Passage, said: Inspect, looked: Looked, note: str = "") -> Refusal | None:
        """Tell of what a request brings; return the refusal, where the policy blocks."""
        found = [
            one
            for one in self._inspector.look(looked)
            if one.score >= said.threshold and one.family in said.families
        ]
        blocked = found.pop(0) if found and said.mode == "block" else None
        for one in found:
            passage.tell(PART, _reason(one), detail=_detail(one, note))
        return None if blocked is None else Refusal(403, PART, REASON, detail=_detail(blocked, note))


class BodyLook:
    """Looks into one body; `most` bytes of it."""

    __slots__ = ("_content_type", "_examiner", "_passage", "most")

    def __init__(self, examiner_: Examiner, passage: Passage, content_type: str, most: int) -> None:
        self._examiner, self._passage, self._content_type, self.most = examiner_, passage, content_type, most

    def __call__(self, kept: bytes) -> Refusal | None:
        """Tell of what the body brings; return the refusal, where the policy blocks."""
        said = self._passage.plan.policy.inspect
        if said is None:
            return None
        cut = len(kept) >= said.body
        note = f"the first {said.body} bytes of the body" if cut else ""
        looked = Looked("", (), self._content_type, kept[: said.body])
        return self._examiner.examine(self._passage, said, looked, note)


def _reason(found: Found) -> str:
    return f"{found.family} in {found.where}"


def _detail(found: Found, note: str) -> dict[str, object]:
    return {
        "family": found.family,
        "where": found.where,
        "name": found.name,
        "score": found.score,
        "why": found.why,
        "snippet": snippet(found),
        **({"looked_at": note} if note else {}),
    }


def snippet(found: Found) -> str:
    """Return the beginning of a value without what may be somebody's: addresses, long numbers, keys, secrets by name."""
    if _SECRET.search(found.name):
        return "…"
    if found.where == "path":
        shown = route_of(found.text)
        return shown[:SNIPPET] + ("…" if len(shown) > SNIPPET else "")
    text = _LONG.sub("…", _ADDRESS.sub("…@…", found.text[:LOOKED_AT]))
    return text[:SNIPPET] + ("…" if len(text) > SNIPPET else "")
