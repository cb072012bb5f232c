"""What people do with projects: connect them, give tokens, say what should be there, forget them; each in the audit log."""

import posixpath
import re
from collections.abc import Mapping

from vedette.accounts.permissions import Actor, Verb, require
from vedette.accounts.service import audit
from vedette.core.errors import Conflict, Invalid
from vedette.deploy import judging, looking, reaching, signal
from vedette.deploy.registry import all_kinds
from vedette.deploy.store import projects as store
from vedette.deploy.store import runs, seen
from vedette.deploy.types import LIVE_TOPIC, TOPIC, CloudProject, Desired
from vedette.instruments.hetzner.types import API
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.signals import service as signals
from vedette.wire.ascode import filed

MOST = 50
_MOST_FILES, _LONGEST = 100, 1_000_000
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_AGAIN = 15.0  # seconds between two looks that people ask for


def connect(
    actor: Actor, name: str, token: str, endpoint: str, now: float, *, wait: reaching.Wait | None = None
) -> CloudProject:
    """Watch a project from now on; one that came from files gets its token. The token is tried first: one that may read is enough.

    Raises `Invalid` by field (also for a token that Hetzner does not know), `Conflict`, `Forbidden`; nothing is kept then.
    """
    require(actor, Verb.INFRA_WRITE)
    said, address = reaching.checked_token(token), reaching.checked_endpoint(endpoint)
    _check_name(name)
    _refuse_known(name)
    reaching.probe(said, address, wait)
    with transaction():
        _refuse_known(name)
        known = store.find(name) or store.add(name, address, _name(actor), now)
        store.put_token(known.id, said, address, _name(actor), now)
        made = store.get(known.id)
        told(actor, "infra.connect", made, {"endpoint": address}, now)
        signals.record([signal.moment(made, "infra.connect", f"{_name(actor)} has it watched.", now)])
    return made


def renew_token(
    actor: Actor,
    project_id: int,
    token: str,
    now: float,
    *,
    endpoint: str = "",
    wait: reaching.Wait | None = None,
) -> CloudProject:
    """Take another token in the place of the one before, after it was tried. Raises `NotFound`, `Invalid` by field, `Forbidden`."""
    require(actor, Verb.INFRA_WRITE)
    known = store.get(project_id)
    said, address = reaching.checked_token(token), reaching.checked_endpoint(endpoint or known.endpoint)
    reaching.probe(said, address, wait)
    with transaction():
        store.put_token(store.get(project_id).id, said, address, _name(actor), now)
        made = store.get(project_id)
        told(actor, "infra.key", made, {"endpoint": address}, now)
        signals.record([signal.moment(made, "infra.key", f"{_name(actor)} gave another token.", now)])
    return made


def forget(actor: Actor, project_id: int, confirmed: str, now: float, *, filed_too: bool = False) -> None:
    """Forget a project with its token and all that was seen of it; at Hetzner nothing changes. `confirmed` is its name.

    Raises `NotFound`, `Conflict` for one that runs something or stands in a file, `Invalid`, `Forbidden`.
    """
    require(actor, Verb.INFRA_WRITE)
    with transaction():
        known = store.get(project_id)
        if not filed_too:
            filed.refuse(f"What should be of {known.name} is", known.source)
        if confirmed.strip() != known.name:
            raise Invalid(f"To forget it, type {known.name}.", {"confirm": "another name"})
        if runs.open_of(project_id):
            raise Conflict("Something of it waits or runs; wait for its end.")
        over = looking.ended_signals(known, now)
        store.remove(project_id)
        told(actor, "infra.forget", known, {}, now)
        signals.publish(over, now)
        signals.record([signal.moment(known, "infra.forget", f"{_name(actor)} has it watched no more.", now)])


def say(
    actor: Actor, project_id: int, files: Mapping[str, str], now: float, *, source: str = ""
) -> CloudProject:
    """Say what should be there: texts by name (`infra/shop.toml`), with the files that they name. All of it is taken, or nothing.

    `source` is the file it comes from (`vedette apply`): it is changed there alone. Nothing at Hetzner changes. Raises `Invalid`
    whose `fields` are places (`infra/shop.toml:12`), `NotFound`, `Conflict`, `Forbidden`.
    """
    require(actor, Verb.INFRA_WRITE)
    with transaction():
        known = store.get(project_id)
        if not source:
            filed.refuse(f"What should be of {known.name} is", known.source)
        desired = read(files, known)
        store.put_files(project_id, files, source, _name(actor), now)
        _replan(project_id, known.name, desired, now)
        made = store.get(project_id)
        told(actor, "infra.say", made, {"files": ", ".join(files)[:200]}, now)
        signals.record([signal.moment(made, "infra.say", f"{_name(actor)} said what should be there.", now)])
    return made


def add_filed(actor: Actor, name: str, now: float) -> CloudProject:
    """Note a project that files name and that has no token yet; raises `Invalid`, `Forbidden`."""
    require(actor, Verb.INFRA_WRITE)
    _check_name(name)
    _refuse_more()
    made = store.add(name, API, _name(actor), now)
    told(actor, "infra.add", made, {}, now)
    return made


def unfile(actor: Actor, project_id: int, now: float) -> None:
    """Take away what files said of a project that stands in none any more; it is watched on, and at Hetzner nothing changes."""
    require(actor, Verb.INFRA_WRITE)
    with transaction():
        known = store.get(project_id)
        if not known.has_token:
            forget(actor, project_id, known.name, now, filed_too=True)
            return
        store.put_files(project_id, {}, "", _name(actor), now)
        _replan(project_id, known.name, None, now)
        told(actor, "infra.say", known, {"files": ""}, now)


def look_soon(actor: Actor, project_id: int, now: float) -> None:
    """Have a project read at once (15 s after the last time, at the earliest); raises `NotFound`, `Conflict`, `Forbidden`."""
    require(actor, Verb.INFRA_LOOK)
    with transaction():
        known = store.get(project_id)
        if not known.has_token:
            raise Conflict(f"{known.name} has no token; give it one first.")
        if known.tried_at is None or now - known.tried_at >= _AGAIN:
            store.want(project_id)
    on_commit(lambda: ports().bus.wake(TOPIC))


def read(files: Mapping[str, str], known: CloudProject) -> Desired:
    """Return what texts say of a project; raises `Invalid` whose `fields` are places."""
    _check_files(files)
    held = seen.find(known.id, known.name)
    found = judging.outcome(files, held.live if held else None)
    if found.desired is None:
        places = {f"{each.file}:{each.line}": each.text for each in found.faults}
        count = "1 thing is" if len(found.faults) == 1 else f"{len(found.faults)} things are"
        raise Invalid(f"{count} wrong; nothing was changed. {found.faults[0]}", places)
    if found.desired.project != known.name:
        raise Invalid(
            f'These files are of the project {found.desired.project}; here it is project = "{known.name}".', {"files": "another project"}
        )  # fmt: skip
    return found.desired


def told(actor: Actor, what: str, project: CloudProject, detail: Mapping[str, str], now: float) -> None:
    """Write an audit entry, and have the watcher and the pages look again after the commit."""
    audit(actor, what, project.name, detail, now)
    on_commit(lambda: ports().bus.wake(TOPIC))
    on_commit(lambda: ports().bus.wake(LIVE_TOPIC))


def _replan(project_id: int, name: str, desired: Desired | None, now: float) -> None:
    held = seen.find(project_id, name)
    if held is not None:
        seen.put(judging.replanned(held, desired, all_kinds(), looking.witnesses(now)))


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise Invalid(
            f"{name[:63]!r} is no name of a project: letters a to z, digits and '-', 63 at most.", {"name": "letters a to z, digits, '-'"}
        )  # fmt: skip


def _refuse_known(name: str) -> None:
    known = store.find(name)
    if known is None:
        _refuse_more()
    elif known.has_token:
        raise Conflict(f"{name} is watched already; give it another token on its page.")


def _refuse_more() -> None:
    if store.count() >= MOST:
        raise Invalid(f"There are {MOST} projects already; forget one that is not needed.")


def _check_files(files: Mapping[str, str]) -> None:
    if len(files) > _MOST_FILES or sum(map(len, files.values())) > _LONGEST:
        raise Invalid(
            f"At most {_MOST_FILES} files with {_LONGEST:,} characters are taken.", {"files": "too much"}
        )
    odd = [
        name
        for name in files
        if not name or posixpath.normpath(name) != name or name.startswith(("/", "../")) or len(name) > 200
    ]
    if odd:
        raise Invalid(f"{odd[0][:80]!r} is no name of a file: write infra/shop.toml.", {"files": "no name"})


def _name(actor: Actor) -> str:
    return (actor.name or actor.kind.value)[:80]
