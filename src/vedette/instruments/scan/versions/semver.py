"""Semantic Versioning 2.0.0, section 11 (https://semver.org): npm, Go, crates.io, Hex, Swift and others.

Leading `v`, fewer than three numbers and more than three are read, too, since registries hold them. Pub orders by the build
besides (https://github.com/dart-lang/pub_semver); NuGet takes four numbers and no notice of case
(https://learn.microsoft.com/nuget/concepts/package-versioning).
"""

import re

from vedette.instruments.scan.versions.types import Key, NoVersion

_FORM = re.compile(
    r"[vV]?(?P<numbers>[0-9]+(?:\.[0-9]+)*)(?:-(?P<pre>[0-9A-Za-z.-]+))?(?:\+(?P<build>[0-9A-Za-z.+_-]*))?"
)


def key(text: str) -> Key:
    """Return the key of a version."""
    numbers, pre, _ = _parts(text)
    return (numbers, pre)


def pub(text: str) -> Key:
    """Return the key of a version of Dart's: builds are ordered, and later than the version without one."""
    numbers, pre, build = _parts(text)
    return (numbers, pre, (build is not None, _identifiers(build or "")))


def nuget(text: str) -> Key:
    """Return the key of a version of .NET's."""
    numbers, pre, _ = _parts(text.lower())
    return (numbers, pre)


def _parts(text: str) -> tuple[Key, Key, str | None]:
    found = _FORM.fullmatch(text)
    if found is None:
        raise NoVersion
    pre = found["pre"]
    return _numbers(found["numbers"]), (pre is None, _identifiers(pre or "")), found["build"]


def _numbers(text: str) -> Key:
    """Return the numbers, without zeros at the end: what is not written is zero."""
    numbers = [int(each) for each in text.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _identifiers(text: str) -> Key:
    """Return identifiers in order: numbers by value and before words, words by their characters."""
    if not text:
        return ()
    return tuple((0, int(each)) if each.isdigit() else (1, each) for each in text.split("."))
