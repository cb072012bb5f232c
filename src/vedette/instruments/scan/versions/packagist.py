"""Packagist: PHP's `version_compare`, https://www.php.net/manual/en/function.version-compare.php, as composer/semver calls it.

Composer spells versions small and drops a leading `v` and `stable`: https://getcomposer.org/doc/articles/versions.md. `#`, which PHP
takes for any number at all, is not read: it equals 1 and 2, which do not equal each other.
"""

import re

from vedette.instruments.scan.versions.types import Key, NoVersion

_LEGAL = re.compile(r"[0-9A-Za-z.+_/~-]+")
_PART = re.compile(r"[0-9]+|[a-z]+")
_FORMS = (("dev", 0), ("a", 1), ("b", 2), ("rc", 3), ("p", 5))
_ANY, _END = -1, (4,)


def key(text: str) -> Key:
    """Return the key of a version."""
    if not _LEGAL.fullmatch(text):
        raise NoVersion
    spelled = text.lower()
    number = spelled[1:] if spelled[:1] == "v" and spelled[1:2].isdigit() else spelled
    return (*(_weight(each) for each in _PART.findall(number) if each != "stable"), _END)


def _weight(part: str) -> Key:
    if part[0].isdigit():
        return (4, int(part))
    return (next((weight for form, weight in _FORMS if part.startswith(form)), _ANY),)
