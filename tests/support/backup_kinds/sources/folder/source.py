"""The source of the tests' own, where sources are looked for."""

from tests.support.backups import SOURCE

__all__ = ["SOURCE"]
