"""Which orders of actions were taken, kept over restarts, so that none runs twice; written before anything runs."""

from pathlib import Path

import msgspec

from vedette.instruments.logs.sources.ledger import written

NAME = "actions.json"
_MOST = 200


class Taken:
    """Orders by id, and whether each came to its end; for one thread, but for `__contains__`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / NAME
        self._ended = self._read()

    def __contains__(self, order: str) -> bool:
        """Tell whether an order was taken before."""
        return order in self._ended

    def unended(self) -> tuple[str, ...]:
        """Return what was begun and never came to its end: the agent was killed meanwhile."""
        return tuple(order for order, ended in self._ended.items() if not ended)

    def begin(self, order: str) -> None:
        """Note that an order is taken; raises `OSError`: then it may not run."""
        kept = dict(list(self._ended.items())[1 - _MOST :])
        self._write({**kept, order: False})

    def end(self, order: str) -> None:
        """Note that an order came to its end; raises `OSError`."""
        self._write({**self._ended, order: True})

    def _write(self, after: dict[str, bool]) -> None:
        written(self._file, msgspec.json.encode(after))
        self._ended = after

    def _read(self) -> dict[str, bool]:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, bool])
        except (OSError, msgspec.DecodeError):
            return {}
