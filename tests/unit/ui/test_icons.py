"""Every icon that is named somewhere is in the sprite: a missing one is an empty place nobody is told of."""

import re
from collections.abc import Iterator
from pathlib import Path

import vedette
from vedette.errors.present import history

SOURCE = Path(vedette.__file__).parent
_NAMED = re.compile(
    r'\{% icon "([a-z0-9-]+)"|\bicon(?:: [\w\[\]]+)? ?= ?"([a-z0-9-]+)"|\{% empty "([a-z0-9-]+)"'
)


def named() -> Iterator[tuple[str, str]]:
    """Return where an icon is named, and its name."""
    for path in [*SOURCE.rglob("*.html"), *SOURCE.rglob("*.py")]:
        for found in _NAMED.finditer(path.read_text()):
            yield path.name, next(filter(None, found.groups()))
    for icon, _ in history._MARKS.values():
        yield "history", icon


def test_every_icon_is_built() -> None:
    built = set((SOURCE / "ui/assets/icons.txt").read_text().split())
    found = set(named())
    assert len(found) > 100
    assert sorted(pair for pair in found if pair[1] not in built) == []
