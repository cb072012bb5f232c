"""What people accepted before a scan: of the file that is named, else of a target or of where we are.

In a review (`--diff BASE`) the file of BASE counts, not the one of the change: who proposes a change accepts nothing of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from vedette.cli import scan_places
from vedette.cli.scan_asking import Order
from vedette.cli.scan_options import Wanted
from vedette.core.errors import ConfigError
from vedette.instruments.scan import accepted_files, gitting
from vedette.instruments.scan.accepting import Acceptance
from vedette.instruments.scan.code.changed import Base


def acceptances(
    orders: Sequence[Order], wanted: Wanted, own: Mapping[str, str], now: float
) -> tuple[Acceptance, ...]:
    """Return what is accepted; raises `ConfigError` for what is wrong in a file, `CannotKnow` for a base that is not there."""
    if wanted.config and wanted.no_config:
        raise ConfigError("--config and --no-config contradict each other; say one of them.")
    if wanted.config:
        return accepted_files.load(wanted.config, now)
    if wanted.no_config:
        return ()
    base = own.get("diff") or dict(each.partition("=")[::2] for each in wanted.option).get("diff", "")
    return next(_found(_folders(orders), base, wanted.deadline, now), ())


def _folders(orders: Sequence[Order]) -> Sequence[Path]:
    paths = [Path(order.target) for order in orders if order.target and "://" not in order.target]
    folders = [path if path.is_dir() else path.parent for path in paths if scan_places.is_there(path)]
    return list(dict.fromkeys([*folders, Path()]))


def _found(
    folders: Sequence[Path], base: str, deadline: float, now: float
) -> Iterator[tuple[Acceptance, ...]]:
    for folder in folders:
        if base and gitting.holding(folder.resolve(), deadline) is not None:
            yield from _of_base(folder, base, deadline, now)
        elif (path := accepted_files.found(folder)) is not None:
            yield accepted_files.load(path, now)


def _of_base(folder: Path, base: str, deadline: float, now: float) -> Iterator[tuple[Acceptance, ...]]:
    there = Base(folder, base, deadline)
    for name in accepted_files.NAMES:
        body = there.content(name, accepted_files.MOST_BYTES)
        if body is not None:
            yield accepted_files.parse(f"{base}:{folder}/{name}", body.decode("utf-8", "replace"), now)
