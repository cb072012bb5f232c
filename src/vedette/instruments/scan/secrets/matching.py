"""Finds secrets in one text: keywords first, then RE2, entropy, and what is let pass."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from vedette.instruments.scan.secrets.decoding import blobs
from vedette.instruments.scan.secrets.prefilter import candidates
from vedette.instruments.scan.secrets.types import (
    Found,
    HeldAgainst,
    Hit,
    LetPass,
    Pattern,
    SecretRule,
    SecretRules,
)

MARKS = (b"vedette:allow", b"gitleaks:allow")
MOST = 1_000  # hits of one rule in one text: a file of ten thousand keys is told by its first thousand
LONGEST = 20_000  # a line that is shown to an allowlist
Search = Callable[[bytes, str, str], list[Hit]]


def entropy(secret: bytes) -> float:
    """Return Shannon's entropy in bits a character (Shannon, "A Mathematical Theory of Communication", 1948)."""
    size = len(secret)
    return -sum(n / size * math.log2(n / size) for n in Counter(secret).values())


def search(rules: SecretRules, engine: str = "auto") -> Search:
    """Return what finds secrets in a text, given its path (with `/`) and the commit it is of (empty for a file)."""
    named = candidates(rules.rules, engine)

    def found(text: bytes, path: str, commit: str = "") -> list[Hit]:
        if any(_passes_file(each, path, commit) for each in rules.allow):
            return []
        hits = _hits(named(text), rules.allow, text, path, commit)
        inner = [
            (at, each)
            for at, blob in blobs(text)
            for each in _hits(named(blob), rules.allow, blob, path, commit)
        ]
        decoded = [
            Hit(rule=each.rule, secret=each.secret, line=_line(text, at), encoded=True) for at, each in inner
        ]
        return [*hits, *decoded]

    return found


def named_by_path(rules: SecretRules, path: str) -> SecretRule | None:
    """Return the rule without a pattern that a file's name alone meets (a store of keys)."""
    return next(
        (rule for rule in rules.rules if rule.pattern is None and rule.path and _named(rule.path, path)), None
    )


def _hits(
    rules: list[SecretRule], allow: tuple[LetPass, ...], text: bytes, path: str, commit: str
) -> list[Hit]:
    """Return the hits of a text; where two rules hit the same bytes, the earlier (the more special one) has them."""
    taken: list[tuple[int, int]] = []
    found: list[tuple[int, Hit]] = []
    for rule in rules:
        lists = (*rule.allow, *(each for each in allow if not each.rules or rule.id in each.rules))
        for begin, end, secret in _matches(rule, lists, text, path, commit):
            if not any(begin < taken_end and taken_begin < end for taken_begin, taken_end in taken):
                taken.append((begin, end))
                found.append((begin, Hit(rule=rule, secret=secret, line=_line(text, begin))))
    return [hit for _, hit in sorted(found, key=lambda pair: pair[0])]


def _matches(
    rule: SecretRule, allow: tuple[LetPass, ...], text: bytes, path: str, commit: str
) -> Iterator[tuple[int, int, bytes]]:
    if rule.pattern is None or (rule.path is not None and not _named(rule.path, path)):
        return
    at, told = 0, 0
    while told < MOST and (match := rule.pattern.search(text, at)) is not None:
        begin, end = _span(match, rule.group)
        at = max(end, match.start() + 1)
        secret = text[begin:end]
        if (
            secret
            and entropy(secret) >= rule.entropy
            and not _let_pass(allow, _shown(text, match, secret), path, commit)
        ):
            told += 1
            yield begin, end, secret


def _span(match: Found, group: int) -> tuple[int, int]:
    """Return where the secret is: in the group that is named, else in the first that holds anything, else all of it."""
    number = group or next((i for i, held in enumerate(match.groups(), 1) if held), 0)
    return match.start(number), match.end(number)


def _shown(text: bytes, match: Found, secret: bytes) -> Mapping[HeldAgainst, bytes]:
    """Return what an allowlist may be held against."""
    line = _line_of(text, match.start(), match.end())
    return {
        HeldAgainst.SECRET: secret,
        HeldAgainst.MATCH: text[match.start() : match.end()],
        HeldAgainst.LINE: line,
    }


def _let_pass(allow: tuple[LetPass, ...], held: Mapping[HeldAgainst, bytes], path: str, commit: str) -> bool:
    marked = any(mark in held[HeldAgainst.LINE] for mark in MARKS)
    return marked or any(_passes(each, held, path, commit) for each in allow)


def _passes(allow: LetPass, held: Mapping[HeldAgainst, bytes], path: str, commit: str) -> bool:
    said = []
    if allow.commits:
        said.append(commit in allow.commits)
    if allow.paths:
        said.append(_on_path(allow, path))
    if allow.regexes:
        said.append(any(each.search(held[allow.target]) for each in allow.regexes))
    if allow.stopwords:
        lower = held[HeldAgainst.SECRET].lower()
        said.append(any(word in lower for word in allow.stopwords))
    return bool(said) and (all(said) if allow.every else any(said))


def _passes_file(allow: LetPass, path: str, commit: str) -> bool:
    """Whether a whole file is let pass, before anything in it is looked at."""
    if allow.every or allow.rules:
        return False
    return commit in allow.commits or _on_path(allow, path)


def _on_path(allow: LetPass, path: str) -> bool:
    return any(_named(each, path) for each in allow.paths)


def _named(pattern: Pattern, path: str) -> bool:
    return pattern.search(path.encode("utf-8", "surrogateescape")) is not None


def _line(text: bytes, at: int) -> int:
    return text.count(b"\n", 0, at) + 1


def _line_of(text: bytes, begin: int, end: int) -> bytes:
    before = max(0, begin - LONGEST)
    first = text.rfind(b"\n", before, begin) + 1 or before
    last = text.find(b"\n", end, end + LONGEST)
    return text[first : last if last >= 0 else end + LONGEST]
