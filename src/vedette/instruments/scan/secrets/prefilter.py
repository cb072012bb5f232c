"""Which rules may hit a text: those of whose keywords one is in it. Everything else is never tried.

By hyperscan where it is installed (each keyword told once a text), else by a set of RE2.
"""

import re
from collections.abc import Callable, Sequence

from vedette.instruments.scan.secrets.types import SecretRule

Candidates = Callable[[bytes], list[SecretRule]]


def candidates(rules: Sequence[SecretRule], engine: str = "auto") -> Candidates:
    """Return what names the rules that may hit a text, in the order of the rules. Engines: `hyperscan`, `re2`, `auto`."""
    words = sorted({word for rule in rules for word in rule.keywords if rule.pattern is not None})
    holders = [[i for i, rule in enumerate(rules) if word in rule.keywords] for word in words]
    always = [i for i, rule in enumerate(rules) if not rule.keywords and rule.pattern is not None]
    found_in = _words(words, engine)

    def named(text: bytes) -> list[SecretRule]:
        numbers = set(always)
        for word in found_in(text):
            numbers.update(holders[word])
        return [rules[i] for i in sorted(numbers)]

    return named


def _words(words: Sequence[bytes], engine: str) -> Callable[[bytes], Sequence[int]]:
    if not words:
        return lambda _text: ()
    if engine != "re2":
        try:
            return _hyperscan(words)
        except ImportError:
            if engine == "hyperscan":
                raise
    return _re2(words)


def _hyperscan(words: Sequence[bytes]) -> Callable[[bytes], Sequence[int]]:
    import hyperscan

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    flags = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SINGLEMATCH
    database.compile(
        expressions=[re.escape(word) for word in words], ids=list(range(len(words))), elements=len(words),
        flags=[flags] * len(words),
    )  # fmt: skip
    scratch = hyperscan.Scratch(database)

    def hit(number: int, _begin: int, _end: int, _flags: int, found: object) -> None:
        if isinstance(found, list):
            found.append(number)

    def scan(text: bytes) -> Sequence[int]:
        found: list[int] = []
        database.scan(text, hit, scratch=scratch, context=found)
        return found

    return scan


def _re2(words: Sequence[bytes]) -> Callable[[bytes], Sequence[int]]:
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.case_sensitive = False
    options.log_errors = False
    every = re2.Set.SearchSet(options)
    for word in words:
        every.Add(re.escape(word))
    every.Compile()
    return lambda text: every.Match(text) or ()
