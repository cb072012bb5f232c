"""What is found in one value: each family's score, with what shows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from vedette_guard.decisions.attacks import html, sql
from vedette_guard.decisions.attacks.filesigns import ADDRESSES, FILES
from vedette_guard.decisions.attacks.judged import Judged
from vedette_guard.decisions.attacks.prose import phrases, without_quoted
from vedette_guard.decisions.attacks.scriptsigns import SCRIPTS
from vedette_guard.decisions.attacks.shellsigns import COMMANDS
from vedette_guard.decisions.attacks.sign import RCE, SQLI, SSRF, TRAVERSAL, XSS, Sign
from vedette_guard.decisions.attacks.sqlsigns import SQL

SHORT = 300  # characters in one line: what is longer is prose or code, in which loose signs say nothing

_Signs = tuple[tuple[Sign, re.Pattern[str]], ...]
Judge = Callable[[str], Judged]


def _compiled(signs: tuple[Sign, ...]) -> _Signs:
    return tuple((sign, re.compile(sign.pattern, re.IGNORECASE)) for sign in signs)


SIGNS: Mapping[str, _Signs] = {
    SQLI: _compiled(SQL), XSS: _compiled(SCRIPTS), TRAVERSAL: _compiled(FILES), SSRF: _compiled(ADDRESSES),
    RCE: _compiled(COMMANDS),
}  # fmt: skip
JUDGES: Mapping[str, Judge] = {SQLI: sql.judge, XSS: html.judge}


@dataclass(frozen=True)
class Hit:
    """A family a value is of: its score, and what shows it."""

    family: str
    score: int
    why: str


def find(text: str, families: Collection[str], *, path: bool = False) -> list[Hit]:
    """Return what a value is of the families it may be of. `path`: the value is a request's path."""
    texts = phrases(text, behind="/" if path else "")
    hits = (_find(family, one, path=path) for one in texts for family in families if family in SIGNS)
    return [hit for hit in hits if hit is not None]


def _find(family: str, text: str, *, path: bool) -> Hit | None:
    judge = JUDGES.get(family)
    judged = judge(text) if judge is not None else None
    if judged is not None and judged.score:
        return Hit(family, judged.score, judged.why)
    if family == SQLI:
        text = without_quoted(text)
    short = len(text) <= SHORT and "\n" not in text.strip()
    score, why = 0, ""
    for sign, pattern in SIGNS[family]:
        if (sign.short and not short) or (sign.path and not path):
            continue
        if pattern.search(text):
            score += sign.weight
            why = why or sign.what
    return Hit(family, score, why) if score else None
