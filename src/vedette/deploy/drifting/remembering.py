"""What is remembered of a project between two looks: each thing as it last was when the files said the same. Pure."""

from collections.abc import Iterable

import msgspec

from vedette.deploy.types import Known, Memory, Planned
from vedette.wire.infra import Live, Ref


def looked(former: Memory, live: Live, planned: Planned) -> Memory:
    """Return what is to be remembered after a look; what could not be read stays as it was."""
    wrong = {each.ref for each in planned.changes}
    foreign = set(former.foreign) if former.at else set(planned.foreign)
    return Memory(
        project=planned.project, at=live.at, things=_things(former, live, wrong | set(planned.foreign)),
        first={str(ref): former.first.get(str(ref), live.at) for ref in (wrong | set(planned.foreign)) - foreign},
        foreign=tuple(sorted(foreign)), failed=tuple(each for each in former.failed if each in wrong),
    )  # fmt: skip


def applied(former: Memory, live: Live, planned: Planned, failed: Iterable[Ref]) -> Memory:
    """Return what is to be remembered after an apply from here: what is foreign now was seen then; `failed` was left half-done."""
    found = looked(former, live, planned)
    return msgspec.structs.replace(found, foreign=planned.foreign, failed=tuple(sorted(failed)))


def _things(former: Memory, live: Live, otherwise: set[Ref]) -> tuple[Known, ...]:
    """Return things as they last were when they were right; those that neither side has any more are forgotten."""
    kept = {ref: each for ref, each in former.known().items() if ref in otherwise or ref.kind in live.unread}
    right = {each.ref: Known(thing=each, right=live.at) for each in live.things if each.ref not in otherwise}
    return tuple(each for _, each in sorted((kept | right).items()))
