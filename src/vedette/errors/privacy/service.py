"""The verbs of privacy: find or erase what is kept about one end user, and prove it."""

from collections.abc import Mapping
from importlib import metadata

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.core import ids as new
from vedette.core.clock import monotonic
from vedette.core.errors import Conflict, Invalid, NotFound, Unavailable, VedetteError
from vedette.errors.privacy import matching, store
from vedette.errors.privacy.remains import remains
from vedette.errors.privacy.running import DRY, STAGES, Run, State, opened, sealed
from vedette.errors.privacy.steps import STEPS, Outcome
from vedette.errors.privacy.store import Kept, KeptReceipt
from vedette.errors.privacy.types import Datum, DatumKind, Erasure, ErasureReceipt, ErasureStage, Proof
from vedette.errors.types import ISSUES_TOPIC
from vedette.plumbing.db import sql
from vedette.plumbing.ports import ports
from vedette.projects import service as projects

MOST_OPEN = 20
KNOWN_FOR = (
    3_600.0  # seconds for which a dry run still knows whom it was about, so that the erasing can follow
)
_KEPT = 7 * 86_400.0
_DATUM, _RECEIPT = "datum", "receipt"
_STAYS = "stays:"
_ENCODE = msgspec.json.Encoder(order="sorted").encode
_COUNTS = msgspec.json.Decoder(dict[str, int]).decode
_BODY = msgspec.json.Decoder(ErasureReceipt).decode


def ask(actor: Actor, datum: Datum, project: str, now: float, *, dry_run: bool = False) -> Erasure:
    """Ask to erase what is kept about an end user, in a project (by slug) or, with "", in all; return the job.

    A dry run counts what would go and changes nothing. Writes an audit entry that holds a keyed hash of the datum.
    Raises `Invalid`, `NotFound`, `Conflict` when too many wait already, `Forbidden`.
    """
    require(actor, Verb.PRIVACY_ERASE)
    datum = matching.checked(datum.kind, datum.value)
    only = projects.project(project).id if project else None
    return _add(actor, datum, only, now, dry_run=dry_run)


def confirm(actor: Actor, dry_run_id: str, now: float) -> Erasure:
    """Erase what a dry run has found; raises `NotFound`, `Conflict` when it is not over or no more knows whom."""
    require(actor, Verb.PRIVACY_ERASE)
    row = _row(dry_run_id)
    if not row.dry_run or row.ended_at is None or not row.state:
        raise Conflict("This is no dry run of the last hour; ask again with the id or e-mail.")
    return _add(actor, Datum(DatumKind(row.kind), opened(row).value), row.project, now, dry_run=False)


def _add(actor: Actor, datum: Datum, project: int | None, now: float, *, dry_run: bool) -> Erasure:
    stages = DRY if dry_run else STAGES
    row = Kept(
        id=new.new_id(), kind=str(datum.kind), project=project, user=actor.id or None, who=(actor.name or str(actor.kind))[:120],
        at=now, dry_run=dry_run, stage=str(stages[0]), total=len(stages), state=sealed(State(value=datum.value)),
    )  # fmt: skip
    detail = {"kind": str(datum.kind), "datum": mark(datum), "project": _slug(project) or "all"}
    with sql.transaction():
        if store.open_ones() >= MOST_OPEN:
            raise Conflict(f"{MOST_OPEN} erasures wait already; ask again once they are done.")
        store.add(row)
        accounts.audit(actor, "privacy.dry_run" if dry_run else "privacy.erase", row.id, detail, now)
    return _shown(row)


def mark(datum: Datum) -> str:
    """Return the keyed hash that stands for a datum in receipts and the audit log; an e-mail's case does not count."""
    value = datum.value.casefold() if datum.kind is DatumKind.EMAIL else datum.value
    return ports().seal.mark(f"{datum.kind}:{value}", _DATUM)


def erasure(actor: Actor, id_: str) -> Erasure:
    """Return how far an erasure is; of a dry run, what it found. Raises `NotFound`, `Forbidden`."""
    require(actor, Verb.PRIVACY_ERASE)
    return _shown(_row(id_))


def erasures(actor: Actor, n: int = 20) -> tuple[Erasure, ...]:
    """Return the last erasures and dry runs, the newest first; they are listed for a week."""
    require(actor, Verb.PRIVACY_ERASE)
    return tuple(_shown(row, brief=True) for row in store.recent(n))


def receipts(
    actor: Actor, cursor: str | None = None, n: int = 50
) -> tuple[tuple[ErasureReceipt, ...], str | None]:
    """Return a page of receipts, the newest first, and the cursor of the next; raises `NotFound` for a wrong cursor."""
    require(actor, Verb.PRIVACY_ERASE)
    last = _receipt(cursor) if cursor else None
    found = store.receipts(None if last is None else (last.at, last.id), n + 1)
    page = tuple(_told(row) for row in found[:n])
    return page, page[-1].id if len(found) > n else None


def receipt(actor: Actor, id_: str) -> ErasureReceipt:
    """Return a receipt; raises `NotFound`, `Forbidden`."""
    require(actor, Verb.PRIVACY_ERASE)
    return _told(_receipt(id_))


def verify(receipt: ErasureReceipt, datum: Datum | None = None) -> Proof:
    """Tell whether a receipt was written by this installation and not changed since, and whether it is about a datum."""
    genuine = receipt.seal == _seal_of(receipt)
    return Proof(genuine, None if datum is None else receipt.datum == mark(datum))


def work(now: float, seconds: float = 2.0) -> int:
    """Go on with erasures, the oldest first, for about so long; return how many pieces were done."""
    end, pieces = monotonic() + seconds, 0
    while (row := store.next_open()) is not None and _piece(row, now):
        pieces += 1
        if monotonic() >= end:
            break
    if pieces:
        ports().bus.wake(ISSUES_TOPIC)
    return pieces


def _piece(row: Kept, now: float) -> bool:
    """Do a piece; False when something else must happen before the next."""
    try:
        run = Run(row)
        outcome = STEPS[ErasureStage(row.stage)](run, now)
        if outcome is Outcome.OVER:
            _next(run, now)
        return outcome is not Outcome.WAIT
    except Unavailable:
        raise  # a store is busy or full: the piece is taken again
    except VedetteError as error:
        store.save(
            msgspec.structs.replace(row, ended_at=now, state="", problem=f"It ended at {row.stage}: {error}")
        )
        return True


def _next(run: Run, now: float) -> None:
    place = run.stages.index(ErasureStage(run.row.stage)) + 1
    if place < len(run.stages):
        run.begin(run.stages[place])
        run.save()
    elif run.row.dry_run:
        run.move(ended_at=now, done=run.row.total)
        run.save()
    else:
        _finish(run, now)


def _finish(run: Run, now: float) -> None:
    """Write the receipt, and forget whose data it was, in one transaction."""
    counts, stays = _split(run.counts)
    row = run.row
    told = ErasureReceipt(
        id=row.id, kind=run.datum.kind, datum=mark(run.datum), project=_slug(row.project), by=row.who, asked_at=row.at,
        ended_at=now, seconds=round(now - row.at, 3), version=metadata.version("vedette"), counts=counts,
        remains=remains(stays, _set_aside()),
    )  # fmt: skip
    told = msgspec.structs.replace(told, seal=_seal_of(told))
    over = msgspec.structs.replace(
        row, ended_at=now, state="", done=row.total, counts=_ENCODE(dict(run.counts)).decode()
    )
    with sql.transaction():
        store.add_receipt(KeptReceipt(told.id, now, _ENCODE(told).decode(), told.seal))
        store.save(over)


def _set_aside() -> int:
    return len(list((ports().settings.data / "journal").glob("*.corrupt")))


def _seal_of(receipt: ErasureReceipt) -> str:
    return ports().seal.mark(_ENCODE(msgspec.structs.replace(receipt, seal="")).decode(), _RECEIPT)


def _split(counts: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    """Return what was found by kind, and mentions by table that stays."""
    found = {key: n for key, n in counts.items() if not key.startswith(_STAYS) and n}
    return found, {key.removeprefix(_STAYS): n for key, n in counts.items() if key.startswith(_STAYS)}


def forget(now: float) -> int:
    """Let dry runs forget whom they were about after an hour, and drop what ended a week ago; receipts stay."""
    return store.empty_before(now - KNOWN_FOR) + store.drop_before(now - _KEPT)


def _row(id_: str) -> Kept:
    row = store.find(id_)
    if row is None:
        raise NotFound("There is no such erasure; they are listed for a week, their receipts for good.")
    return row


def _receipt(id_: str) -> KeptReceipt:
    row = store.receipt(id_)
    if row is None:
        raise NotFound(f"There is no receipt {id_[:40]}.")
    return row


def _told(row: KeptReceipt) -> ErasureReceipt:
    """Return a receipt as it is stored; its seal is the one beside it."""
    try:
        return msgspec.structs.replace(_BODY(row.body), seal=row.seal)
    except msgspec.DecodeError as error:
        raise Invalid(f"The receipt {row.id} cannot be read: it was changed.") from error


def _slug(project: int | None) -> str:
    if project is None:
        return ""
    return next((one.slug for one in projects.projects() if one.id == project), f"project-{project}")


def _shown(row: Kept, *, brief: bool = False) -> Erasure:
    state = State(value="") if brief or not row.state else opened(row)
    own = f"{row.kind}:{state.value}"
    return Erasure(
        id=row.id, kind=DatumKind(row.kind), project=_slug(row.project), who=row.who, at=row.at, dry_run=row.dry_run,
        stage=ErasureStage(row.stage), done=min(row.done, row.total), total=row.total, ended_at=row.ended_at,
        problem=row.problem, counts=_split(_COUNTS(row.counts))[0], found=tuple(state.found),
        also=tuple(label for label in state.labels if label != own) if row.dry_run else (),
        may_begin=row.dry_run and row.ended_at is not None and bool(row.state) and not row.problem,
    )  # fmt: skip
