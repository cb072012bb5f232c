"""Finds which messages are of one pattern, a line at a time, in bounded room. Pure.

In the manner of Drain (He, Zhu, Zheng and Lyu, "Drain: An Online Log Parsing Approach with Fixed Depth Tree", 2017): a
tree of two levels, the number of words and one word that leads, bounds with how many patterns a line is compared. A line
joins the pattern that shares most of its words, when they are enough; where they differ, the pattern gets a wildcard.
"""

import msgspec

from vedette.alerts.detect import masks

WILD = "<*>"
ALIKE = 0.5  # the share of words a line must have in common with a pattern
VARIED = 4  # so many words in one place of a sentence make it a value
MOST_PATTERNS = 1_000  # of a source
_MOST_COMPARED = 48
_MOST_EXACT = 5_000
_MOST_MERGED = 10_000
_LEADING = 8  # words among which the one that leads is looked for
_ANNOUNCING = frozenset(
    (
        "user",
        "for",
        "from",
        "by",
        "to",
        "host",
        "username",
        "login",
        "account",
        "domain",
        "as",
        "server",
        "name",
    )
)

Words = tuple[str, ...]


class Pattern(msgspec.Struct):
    """A pattern: its words (`WILD`: any), a number that stays, and how many lines were of it."""

    number: int
    words: Words
    lead: str
    count: int = 0

    @property
    def text(self) -> str:
        """Return the pattern as people read it."""
        return " ".join(self.words)


class Miner(msgspec.Struct):
    """The patterns of one source, the ones seen least lately first."""

    patterns: dict[int, Pattern] = {}
    leaves: dict[tuple[int, str], list[Pattern]] = {}
    exact: dict[Words, int] = {}
    merged: dict[int, int] = {}
    made: int = 0


def mine(miner: Miner, line: str) -> Pattern:
    """Return the pattern a line is of, new (its count is 1) when it is like none; about 10 microseconds.

    `miner` is changed in place. When it is full, the pattern that was not seen for longest is forgotten.
    """
    words = masks.tokens(line)
    number = miner.exact.get(words)
    found = miner.patterns.get(number) if number is not None else None
    if found is None:
        found = _join(miner, words)
        if len(miner.exact) >= _MOST_EXACT:
            miner.exact.clear()
        miner.exact[words] = found.number
    found.count += 1
    del miner.patterns[found.number]
    miner.patterns[found.number] = found  # the last of the order is the one seen last
    return found


def recall(miner: Miner, text: str, count: int) -> Pattern:
    """Take back a pattern that was kept as text; return it."""
    words = tuple(text.split(" "))
    found = _add(miner, words, lead_of(words))
    found.count = count
    return found


def lead_of(words: Words) -> str:
    """Return the word that leads a line: the program that speaks (`sshd[<num>]:`), else the first that is no value."""
    for word in words[:_LEADING]:
        if word[-1] == ":" and len(word) > 1 and word[0] != "<":
            return word
    return next((word for word in words if word[0] != "<" and word.isalpha()), "")


def resolve(miner: Miner, number: int) -> int:
    """Return the number of the pattern that one was merged into, or its own."""
    while number in miner.merged:
        number = miner.merged[number]
    return number


def _join(miner: Miner, words: Words) -> Pattern:
    lead = lead_of(words)
    near: dict[int, list[Pattern]] = {}
    best, most = None, ALIKE
    for each in miner.leaves.get((len(words), lead), ())[-_MOST_COMPARED:]:
        alike, other, at = compared(each.words, words)
        if alike >= most and not other:
            best, most = each, alike
        elif other == 1 and alike >= ALIKE:
            near.setdefault(at, []).append(each)
    if best is not None:
        best.words = joined(best.words, words)
        return best
    made = _add(miner, words, lead)
    siblings = max(near.values(), key=len, default=[])
    return _merge(miner, [made, *siblings]) if len(siblings) + 1 >= VARIED else made


def joined(pattern: Words, words: Words) -> Words:
    """Return the pattern of two of one length: what is not the same becomes a wildcard."""
    return tuple([a if a == b else WILD for a, b in zip(pattern, words, strict=True)])


def compared(pattern: Words, words: Words) -> tuple[float, int, int]:
    """Return the share of equal words, how many words of the sentence differ, and the place of the last of those.

    A word of letters is of the sentence, and no value, unless it follows one that announces a name.
    """
    told = equal = other = at = 0
    before = ""
    for i, (a, b) in enumerate(zip(pattern, words, strict=True)):
        if a == b:
            if a[0] != "<":
                told += 1
                equal += 1
        elif a != WILD:
            told += 1
            if _is_word(a) and _is_word(b) and before.lower() not in _ANNOUNCING:
                other += 1
                at = i
        before = b
    return (equal / told if told else 1.0), other, at


def _is_word(word: str) -> bool:
    return word.strip("[](),:;.!?").isalpha()


def _merge(miner: Miner, siblings: list[Pattern]) -> Pattern:
    first, *rest = sorted(siblings, key=lambda each: each.number)
    for each in rest:
        first.words = joined(first.words, each.words)
        first.count += each.count
        _remember_merged(miner, each.number, first.number)
        _forget(miner, each)
    return first


def _remember_merged(miner: Miner, gone: int, into: int) -> None:
    if len(miner.merged) >= _MOST_MERGED:
        del miner.merged[next(iter(miner.merged))]
    miner.merged[gone] = into


def _add(miner: Miner, words: Words, lead: str) -> Pattern:
    if len(miner.patterns) >= MOST_PATTERNS:
        _forget(miner, next(iter(miner.patterns.values())))
    miner.made += 1
    made = Pattern(miner.made, words, lead)
    miner.patterns[made.number] = made
    miner.leaves.setdefault((len(words), lead), []).append(made)
    return made


def _forget(miner: Miner, pattern: Pattern) -> None:
    del miner.patterns[pattern.number]
    key = (len(pattern.words), pattern.lead)
    miner.leaves[key].remove(pattern)
    if not miner.leaves[key]:
        del miner.leaves[key]
