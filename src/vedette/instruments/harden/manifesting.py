"""What hardening leaves on a host for the agent to watch, and how what drifted is put back. Pure."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from vedette.core.errors import Invalid
from vedette.instruments.harden import planning
from vedette.instruments.harden.areas.firewall import FILE as RULES
from vedette.instruments.harden.reading import group_ids, user_ids
from vedette.instruments.harden.registry import measures
from vedette.instruments.harden.types import (
    Enabled,
    Facts,
    Hardened,
    HardenPlan,
    Mode,
    Packages,
    Planned,
    Put,
    Service,
    Step,
    Value,
    Wanted,
)
from vedette.instruments.harden.wanting import PROFILES
from vedette.instruments.hardened.types import (
    ASKED,
    BASE,
    MANIFEST,
    TABLE,
    AccessStandard,
    FileStandard,
    HardeningManifest,
    KernelStandard,
    PackageStandard,
    Standard,
    TableStandard,
    UnitStandard,
    key_of,
    read,
)
from vedette.wire.infra import Waiver

_PUT_BACK = f"{BASE}/table.nft"
_BY_ITSELF = {"at": 0.0, "before": 0.0, "after": 0.0}


def manifest(facts: Facts, wanted: Wanted, told: Hardened) -> HardeningManifest:
    """Return what is so on a host after a run; `told` says what the run did, and could not."""
    found = [
        one for measure, step in planning.standing(facts, wanted) for one in _standards(measure, step, facts)
    ]
    found += _table(found, facts)
    by_key = {key_of(one): one for one in reversed(found)}
    return HardeningManifest(
        at=facts.at, profile=next(name for name, level in PROFILES.items() if level == wanted.level), before=told.before,
        after=told.after, standards=tuple(by_key[key] for key in sorted(by_key)), waived=_waived(wanted), left=told.left,
    )  # fmt: skip


def _waived(wanted: Wanted) -> tuple[Waiver, ...]:
    found = sorted(wanted.waived.items())
    return tuple(Waiver(check=check, reason=why, until=wanted.ends.get(check, "")) for check, why in found)


def is_known(found: HardeningManifest, facts: Facts) -> bool:
    """Tell whether a host knows all of a manifest but when it was made, and of which run."""
    try:
        known = read(facts.text(MANIFEST))
    except Invalid:
        return False
    return _plain(known) == _plain(found)


def _plain(one: HardeningManifest) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(one, **_BY_ITSELF), order="sorted")


def _standards(measure: str, step: Step, facts: Facts) -> Iterator[Standard]:
    match step:
        case Put():
            found = facts.files[step.path]
            yield FileStandard(
                measure=measure, path=step.path, text=step.text, mode=found.mode, uid=found.uid, gid=found.gid
            )
        case Mode():
            yield AccessStandard(
                measure=measure, path=step.path, most=step.most, uid=_number(step.owner, user_ids(facts)),
                gid=_number(step.group, group_ids(facts)),
            )  # fmt: skip
        case Value():
            if "/proc/sys/" + step.name.replace(".", "/") in facts.files:
                yield KernelStandard(measure=measure, name=step.name, value=step.value)
        case Packages():
            yield from (PackageStandard(measure=measure, name=name, there=step.there) for name in step.names)
        case Enabled():
            yield UnitStandard(measure=measure, unit=step.unit, link=step.link)
        case _:
            return


def _number(name: str, known: Mapping[str, int]) -> int:
    return known.get(name, -1) if name else -1


def _table(found: Sequence[Standard], facts: Facts) -> Iterator[TableStandard]:
    """The rules in force are a standard of their own beside their file: they are changed without it."""
    said = facts.says.get(" ".join(ASKED), "").strip()
    of_rules = next((one.measure for one in found if isinstance(one, FileStandard) and one.path == RULES), "")
    if said and of_rules:
        yield TableStandard(measure=of_rules, text=said)


def putting_back(standards: Sequence[Standard]) -> HardenPlan:
    """Return the plan that makes these standards so again, each measure with its own proof and with who reads its files anew."""
    by_measure: dict[str, list[Step]] = {}
    for one in standards:
        if not isinstance(one, TableStandard):
            by_measure.setdefault(one.measure, []).append(_step(one))
    known = measures()
    planned = [_planned(name, steps, known) for name, steps in by_measure.items()]
    planned += [_of_table(one) for one in standards if isinstance(one, TableStandard)]
    return HardenPlan(planned=tuple(planned), score=0.0)


def _planned(name: str, steps: Sequence[Step], known: planning.Known) -> Planned:
    """A measure that there is no more has neither a proof nor somebody who reads its files."""
    measure = known.get(name)
    if measure is None:
        return Planned(measure=name, title=name, steps=tuple(steps))
    return Planned(
        measure=name, title=measure.title, steps=tuple(steps), proof=measure.proof, reload=measure.reload
    )


def _of_table(one: TableStandard) -> Planned:
    name = " ".join(TABLE)
    text = f"table {name}\ndelete table {name}\n{one.text}\n"
    return Planned(
        measure=f"{one.measure}-in-force", title="The rules in force are those that were proven", reload=Service.TABLE,
        proof="table_is_well", steps=(Put(path=_PUT_BACK, text=text, mode=0o600, owner="0", group="0"),),
    )  # fmt: skip


def _step(one: FileStandard | AccessStandard | KernelStandard | UnitStandard | PackageStandard) -> Step:
    match one:
        case FileStandard():
            return Put(path=one.path, text=one.text, mode=one.mode, owner=str(one.uid), group=str(one.gid))
        case AccessStandard():
            return Mode(path=one.path, most=one.most, owner=_word(one.uid), group=_word(one.gid))
        case KernelStandard():
            return Value(name=one.name, value=one.value)
        case UnitStandard():
            return Enabled(unit=one.unit, link=one.link)
        case PackageStandard():
            return Packages(names=(one.name,), there=one.there)


def _word(number: int) -> str:
    return "" if number < 0 else str(number)
