"""Which upgrades mend most with fewest changes. Pure."""

import functools
from collections.abc import Iterable, Sequence

import msgspec

from vedette.instruments.scan import judging, provenance
from vedette.instruments.scan.advisories import ranges
from vedette.instruments.scan.advisories.naming import version_of
from vedette.instruments.scan.advisories.ranges import Verdict
from vedette.instruments.scan.advisories.types import Match
from vedette.instruments.scan.versions import Unreadable, compare
from vedette.wire.scan import Component


class Upgrade(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one package. `to` mends `mends` and leaves `leaves` (names of weaknesses); `by` are those asked for by name
    over which it comes, empty when it is asked for itself. `major` says that the first number of the version changes.
    """  # fmt: skip

    component: Component
    to: str
    mends: tuple[str, ...]
    leaves: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    major: bool = False
    exploited: bool = False
    risk: float = 0.0

    @property
    def told(self) -> str:
        """Return it as a person reads it."""
        what = f"{self.component.name} {self.component.version} → {self.to} mends {', '.join(self.mends)}"
        rest = f", leaves {', '.join(self.leaves)}" if self.leaves else ""
        by = f"; it comes by {', '.join(self.by)}" if self.by else ""
        return f"{what}{rest}{by}{'; a new major version' if self.major else ''}"


def plan(matches: Sequence[Match], components: Sequence[Component] = ()) -> tuple[Upgrade, ...]:
    """Return an upgrade for each package of each file that has one, the one that mends most first.

    Of the versions that advisories name, the smallest that mends all is taken, within the same major version where there is
    one; where none mends all, the smallest of those that mend most.
    """
    ways = provenance.ways(components or [each.component for each in matches])
    groups: dict[tuple[str, str, str, str], list[Match]] = {}
    for each in matches:
        package = each.component
        key = (package.ecosystem, package.name, package.version, provenance.file_of(package))
        groups.setdefault(key, []).append(each)
    found = [upgrade for group in groups.values() if (upgrade := _upgrade(group, ways)) is not None]
    return tuple(sorted(found, key=_order))


def _upgrade(group: Sequence[Match], ways: provenance.Ways) -> Upgrade | None:
    package = group[0].component
    version = version_of(package)
    candidates = _sorted(
        package.ecosystem, {fix for each in group if not each.malicious for fix in each.fixes}
    )
    if not candidates:
        return None
    mended = {each: _mended(group, package, each) for each in candidates}
    best = min(
        candidates,
        key=lambda each: (-len(mended[each]), major(each) != major(version), candidates.index(each)),
    )
    left = [judging.named(each) for each in group if each not in mended[best]]
    if not mended[best]:
        return None
    return Upgrade(
        component=package, to=best, mends=tuple(_names(mended[best])), leaves=tuple(dict.fromkeys(left)),
        by=_by(package, ways), major=major(best) != major(version), exploited=any(each.exploited for each in mended[best]),
        risk=max(each.risk for each in mended[best]),
    )  # fmt: skip


def _mended(group: Sequence[Match], package: Component, version: str) -> list[Match]:
    return [
        each
        for each in group
        if ranges.judge(each.affected, package.ecosystem, version) is Verdict.UNAFFECTED
    ]


def _by(package: Component, ways: provenance.Ways) -> tuple[str, ...]:
    way = provenance.way(ways, package)
    return way[:1] if len(way) > 1 and not package.direct else ()


def major(version: str) -> str:
    """Return what changes when an upgrade may break: the epoch and the first number, before 1.0 the second as well."""
    epoch, colon, rest = version.lstrip("v").rpartition(":")
    numbers = rest.split(".")
    return f"{epoch}{colon}{'.'.join(numbers[: 2 if numbers[0] == '0' else 1])}"


def _sorted(ecosystem: str, versions: Iterable[str]) -> list[str]:
    try:
        return sorted(versions, key=functools.cmp_to_key(functools.partial(compare, ecosystem)))
    except Unreadable:
        return []


def _names(group: Iterable[Match]) -> list[str]:
    return list(dict.fromkeys(judging.named(each) for each in group))


def _order(upgrade: Upgrade) -> tuple[bool, int, float, str, str]:
    return (
        not upgrade.exploited,
        -len(upgrade.mends),
        -upgrade.risk,
        upgrade.component.name,
        upgrade.component.place,
    )
