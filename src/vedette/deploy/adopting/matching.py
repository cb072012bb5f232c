"""Which elements of a list in a file are meant by what is gone: people write `tcp/80,443 from admin` and `@ A front`. Pure."""

from collections.abc import Callable, Mapping, Sequence

from vedette.core.errors import Invalid
from vedette.deploy import rules

Groups = Mapping[str, tuple[str, ...]]
Texts = Callable[[str], frozenset[str]]
_DIRECTIONS = {"allow": "in", "allow_out": "out"}


def changes(
    key: str, written: Sequence[object], wanted: Sequence[object], said: Sequence[object], groups: Groups
) -> tuple[Callable[[object], bool], list[object]]:
    """Return which elements of a list go, and what comes.

    `written` is what the file says, `said` that in the words of an export, and `wanted` what it should say in these words.
    """
    if key in _DIRECTIONS:
        return _by_meaning(written, wanted, lambda text: _rules(text, _DIRECTIONS[key], groups))
    if key == "records":
        return _records(wanted, said)
    return (lambda one: one not in wanted), [each for each in wanted if each not in written]


def _by_meaning(
    written: Sequence[object], wanted: Sequence[object], means: Texts
) -> tuple[Callable[[object], bool], list[object]]:
    want = {str(each) for each in wanted}
    stays = [each for each in written if isinstance(each, str) and means(each) <= want]
    covered = {text for each in stays for text in means(str(each))}
    return (lambda one: one not in stays), [each for each in wanted if str(each) not in covered]


def _rules(text: str, direction: str, groups: Groups) -> frozenset[str]:
    try:
        return frozenset(rules.written(each, groups) for each in rules.parse(text, direction, groups))
    except Invalid:
        return frozenset({text})


def _records(
    wanted: Sequence[object], said: Sequence[object]
) -> tuple[Callable[[object], bool], list[object]]:
    """A record is known by its name and type; what of them differs goes as a whole and comes as it is."""
    changed = {_key(each) for each in set(map(str, said)) ^ set(map(str, wanted))}
    come: list[object] = [each for each in wanted if _key(str(each)) in changed]
    return (lambda one: _key(str(one)) in changed), come


def _key(record: str) -> tuple[str, str]:
    name, *rest = record.split()
    words = [each for each in rest if not each.isdecimal()]
    return name, words[0] if words else ""
