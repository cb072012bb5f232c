"""What was read of a project, held against what its files say and what was remembered. Pure.

The files are texts by name, with those that they name beside them: nothing is opened on the machine of the server.
"""

import posixpath
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vedette.core.errors import Invalid
from vedette.deploy.desired.catalogue import SHIPPED
from vedette.deploy.desired.making.around import Opener
from vedette.deploy.desired.reading import File, Outcome, read
from vedette.deploy.drifting import remembering, seeing
from vedette.deploy.intents import judging
from vedette.deploy.intents.world import World, world
from vedette.deploy.planning import making
from vedette.deploy.planning.kind import Kind
from vedette.deploy.types import CloudSeen, Desired, Drifted, Memory, Planned
from vedette.deploy.witnessing import weighing
from vedette.wire import jsons
from vedette.wire.infra import Intent, Judged, Live, Ref, Thing
from vedette.wire.witness import Witness

_TOML = ".toml"
_SECRET = "cloud_init"  # noqa: S105 - the field in which people put passwords
_KEY = "key_file"
Kinds = Mapping[str, Kind]


def outcome(files: Mapping[str, str], live: Live | None = None) -> Outcome:
    """Return what texts say of a project, or everything that is wrong with them; `live` tells what Hetzner offers besides."""
    said = [File(name, text, posixpath.dirname(name)) for name, text in files.items() if name.endswith(_TOML)]
    found = read(said, opener(files), SHIPPED.with_live(live) if live else SHIPPED)
    if found.desired is None:
        return found
    things = tuple(_here(each) for each in found.desired.things)
    return Outcome(msgspec.structs.replace(found.desired, things=things), ())


def opener(files: Mapping[str, str]) -> Opener:
    """Return what opens files beside: of those that were handed over, never of this machine."""

    def opened(folder: str, name: str) -> str:
        path = posixpath.normpath(posixpath.join(folder, name))
        if path not in files:
            raise Invalid(
                f"{name} was not handed over; write its text here, or apply the files that name it."
            )
        return files[path]

    return opened


def named_files(files: Mapping[str, str]) -> tuple[str, ...]:
    """Return which of the texts say infrastructure; the others are named by them."""
    return tuple(name for name in files if name.endswith(_TOML))


def _here(thing: Thing) -> Thing:
    """Return a thing without the place of a private key: no path of a file leads into this machine."""
    if not jsons.text(thing.fields, _KEY):
        return thing
    return msgspec.structs.replace(thing, fields={**thing.fields, _KEY: ""})


def needs_key(thing: Thing | None) -> bool:
    """Tell whether a thing is made with a private key, which never comes here."""
    return (
        thing is not None and thing.kind == "certificate" and jsons.text(thing.fields, "type") == "uploaded"
    )


def seen(  # noqa: PLR0917 - what was read, what was said, what was known
    project: int, desired: Desired | None, live: Live, former: Memory, kinds: Kinds, witnesses: Sequence[Witness] = (),
    failed: Iterable[Ref] | None = None,
) -> tuple[CloudSeen, Drifted | None]:  # fmt: skip
    """Return what is to be kept of a look, and what drifted (None: no files say what should be).

    `failed` are things that an apply from here left half-done just now (None: nothing was applied since the last look).
    """
    if desired is None:
        return CloudSeen(project=project, live=live, memory=former), None
    planned = making.planned(desired, live, kinds, live.at)
    if failed is not None:
        former = remembering.applied(former, live, planned, failed)
    found = seeing.drifted(planned, live, former, kinds)
    judged = judged_by(desired, live, witnesses)
    memory = remembering.looked(former, live, planned)
    return CloudSeen(project=project, live=live, memory=memory, judged=judged, planned=bare(planned)), found


def replanned(
    seen_: CloudSeen, desired: Desired | None, kinds: Kinds, witnesses: Sequence[Witness] = ()
) -> CloudSeen:
    """Return what was seen with the plan that other files make of it; nothing is read."""
    if desired is None:
        return msgspec.structs.replace(seen_, planned=None, judged=())
    planned = making.planned(desired, seen_.live, kinds, seen_.live.at)
    judged = judged_by(desired, seen_.live, witnesses)
    return msgspec.structs.replace(seen_, planned=bare(planned), judged=judged)


def judged_by(desired: Desired, live: Live, witnesses: Sequence[Witness]) -> tuple[Judged, ...]:
    """Return which intents hold: by the rules that are there, and by what servers of the project saw."""
    here = live_world(desired, live, witnesses)
    those = [one for one in witnesses if one.spot in here.hosts]
    return weighing.weighed(judging.judged(desired.intents, here), those, here)


def live_world(desired: Desired | None, live: Live, witnesses: Sequence[Witness] = ()) -> World:
    """Return what is there as those see it who want to get in."""
    return world(live.things, desired.groups if desired else {}, weighing.told_by(witnesses), live.unread)


def bare(planned: Planned) -> Planned:
    """Return a plan without what a server's first boot is told, where passwords stand."""
    changes = tuple(
        msgspec.structs.replace(each, before=without_secrets(each.before), after=without_secrets(each.after))
        for each in planned.changes
    )
    return msgspec.structs.replace(planned, changes=changes)


def without_secrets(thing: Thing | None) -> Thing | None:
    """Return a thing without what a server's first boot is told."""
    if thing is None or _SECRET not in thing.fields:
        return thing
    return msgspec.structs.replace(
        thing, fields={key: value for key, value in thing.fields.items() if key != _SECRET}
    )


def key(intent: Intent) -> str:
    """Return by what an intent is known from one look to the next."""
    return " ".join(intent.text.split())
