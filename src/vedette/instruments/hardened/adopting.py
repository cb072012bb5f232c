"""Taking what is there for what should be: a manifest after some of what drifted was adopted. Pure."""

from collections.abc import Collection

import msgspec

from vedette.instruments.hardened.types import (
    AccessStandard,
    FileStandard,
    HardeningManifest,
    HostSight,
    KernelStandard,
    PackageStandard,
    Standard,
    TableStandard,
    key_of,
)


def adopted(manifest: HardeningManifest, keys: Collection[str], sight: HostSight) -> HardeningManifest:
    """Return a manifest in which the standards of these keys are as a look saw them; one of what is gone is no standard any more."""
    found = (_as_seen(one, sight) if key_of(one) in keys else one for one in manifest.standards)
    return msgspec.structs.replace(manifest, standards=tuple(one for one in found if one is not None))


def _as_seen(one: Standard, sight: HostSight) -> Standard | None:
    if isinstance(one, FileStandard | AccessStandard):
        return _path(one, sight)
    if isinstance(one, KernelStandard):
        return msgspec.structs.replace(one, value=sight.values.get(one.name, one.value))
    if isinstance(one, TableStandard):
        return _table(one, sight)
    if isinstance(one, PackageStandard):
        there = one.name in sight.packages if sight.packages is not None else one.there
        return one if there is one.there else None
    return one if sight.links.get(one.link, True) else None


def _path(one: FileStandard | AccessStandard, sight: HostSight) -> Standard | None:
    """A file that cannot be read as text is watched no more by its text: only who may do what with it."""
    found = sight.files.get(one.path, one)
    if found is None:
        return None
    if isinstance(found, FileStandard | AccessStandard):  # it could not be looked at
        return one
    if isinstance(one, AccessStandard):
        return msgspec.structs.replace(
            one, most=one.most | found.mode, uid=-1 if one.uid < 0 else found.uid, gid=-1 if one.gid < 0 else found.gid
        )  # fmt: skip
    if found.text is None:
        return AccessStandard(
            measure=one.measure, path=one.path, most=found.mode, uid=found.uid, gid=found.gid
        )
    return msgspec.structs.replace(one, text=found.text, mode=found.mode, uid=found.uid, gid=found.gid)


def _table(one: TableStandard, sight: HostSight) -> Standard | None:
    if sight.table is None:
        return one
    return msgspec.structs.replace(one, text=sight.table) if sight.table else None
