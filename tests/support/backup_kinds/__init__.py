"""An engine and a source of the tests' own, found as those that come with Vedette are: by their folders."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.support.backups import Vault

from vedette.instruments import backup
from vedette.instruments.backup import registry, what

VAULT = Vault()
_HERE = Path(__file__).parent
_PLACES = ((backup, str(_HERE / "engines")), (what, str(_HERE / "sources")))


@contextlib.contextmanager
def known() -> Iterator[None]:
    """Let the registry find them, too, while the block runs."""
    for package, place in _PLACES:
        package.__path__.append(place)
    _forget()
    try:
        yield
    finally:
        for package, place in _PLACES:
            package.__path__.remove(place)
        _forget()


def _forget() -> None:
    registry.engines.cache_clear()
    registry.sources.cache_clear()
