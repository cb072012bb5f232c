"""Red Hat and all that installs by rpm: https://rpm-software-management.github.io/rpm/manual/dependencies.html, "Versioning", with
`~` (before the end) and `^` (after the end, before all else) as rpm's own table of comparisons has them.
"""

import re

from vedette.instruments.scan.versions.types import Key, NoVersion

_EPOCH = re.compile(r"([0-9]+):")
_PART = re.compile(r"[0-9]+|[A-Za-z]+|~|\^")
_TILDE, _END, _CARET, _WORD, _NUMBER = range(5)


def key(text: str) -> Key:
    """Return the key of a version `[epoch:]version[-release]`; a release that is not told is before all."""
    if not text.isprintable() or " " in text:
        raise NoVersion
    epoch = _EPOCH.match(text)
    rest = text[epoch.end() :] if epoch else text
    version, dash, release = rest.rpartition("-") if "-" in rest else (rest, "", "")
    return (int(epoch[1]) if epoch else 0, _order(version), (bool(dash), _order(release)))


def _order(text: str) -> Key:
    return (*(_weight(each) for each in _PART.findall(text)), (_END,))


def _weight(part: str) -> Key:
    if part == "~":
        return (_TILDE,)
    if part == "^":
        return (_CARET,)
    return (_NUMBER, int(part)) if part[0].isdigit() else (_WORD, part)
