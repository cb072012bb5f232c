"""Post-mortems are begun from the timeline, written, read by somebody else, and published."""

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Role, Verb, require
from vedette.core.errors import Conflict, Forbidden, Invalid, NotFound
from vedette.incidents import service as incidents
from vedette.incidents.postmortem import drafting, gathering, reviewing, store
from vedette.incidents.postmortem.types import SETTINGS, PostMortemLine, PostMortemRules, ReviewVerdict
from vedette.incidents.types import EntryDraft, EntryKind, Incident, PostMortem, PostMortemState
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports

LONGEST = 100_000
_LISTED = 100
_MOST_MONEY = 1e9


def find(number: int) -> PostMortem | None:
    """Return the post-mortem of an incident, None while there is none."""
    return store.find(number)


def listed() -> tuple[PostMortemLine, ...]:
    """Return the post-mortems that changed last, those that are not published first."""
    return store.listed(_LISTED)


def begin(actor: Actor, number: int, now: float) -> PostMortem:
    """Write the first draft from what the timeline knows; raises `Conflict` when there is one, `NotFound`, `Forbidden`."""
    require(actor, Verb.INCIDENT_WRITE)
    incident = incidents.incident(number)
    found = gathering.material(incident, now)
    paper = PostMortem(
        incident=number, state=PostMortemState.DRAFT, text=drafting.draft(found), author=actor.name, updated_at=now,
        facts={**msgspec.to_builtins(found.figures), "author": float(actor.id)},
    )  # fmt: skip
    with transaction():
        if not store.add(paper):
            raise Conflict(f"{incident.key} has a post-mortem already.")
        _tell(actor, incident, "begin", "began the post-mortem", now)
    return paper


def save(actor: Actor, number: int, text: str, version: float, now: float) -> PostMortem:
    """Change the text of the version that was changed at `version`; one that was to be reviewed is a draft again.

    Raises `Invalid`, `Conflict` when somebody changed it meanwhile or it is published, `NotFound`, `Forbidden`.
    """
    require(actor, Verb.INCIDENT_WRITE)
    incident, before = incidents.incident(number), _found(number)
    _pass(reviewing.may_edit(before))
    if not text.strip() or len(text) > LONGEST:
        raise Invalid("It cannot be kept.", {"text": f"Write something, at most {LONGEST} characters."})
    after = msgspec.structs.replace(before, text=text, state=PostMortemState.DRAFT, reviewer="")
    return _keep(actor, incident, after, version, now, "save", "changed the post-mortem")


def refill(actor: Actor, number: int, now: float) -> PostMortem:
    """Begin again from the timeline as it is now, in place of what was written; raises as `save`."""
    require(actor, Verb.INCIDENT_WRITE)
    incident, before = incidents.incident(number), _found(number)
    _pass(reviewing.may_edit(before))
    found = gathering.material(incident, now)
    facts = {**before.facts, **msgspec.to_builtins(found.figures)}
    after = msgspec.structs.replace(
        before, text=drafting.draft(found), facts=facts, state=PostMortemState.DRAFT
    )
    return _keep(
        actor,
        incident,
        after,
        before.updated_at,
        now,
        "refill",
        "began the post-mortem again from the timeline",
    )


def ask_review(actor: Actor, number: int, now: float) -> PostMortem:
    """Say that it is ready to be read by somebody else; who asks is its author. Raises `Conflict`, `NotFound`, `Forbidden`."""
    require(actor, Verb.INCIDENT_WRITE)
    incident, before = incidents.incident(number), _found(number)
    if before.state is not PostMortemState.DRAFT:
        raise Conflict("It is no draft: it is being reviewed, or published.")
    after = msgspec.structs.replace(
        before, state=PostMortemState.REVIEW, author=actor.name, facts={**before.facts, "author": float(actor.id)}
    )  # fmt: skip
    return _keep(
        actor, incident, after, before.updated_at, now, "review", "asked for a review of the post-mortem"
    )


def take_back(actor: Actor, number: int, now: float) -> PostMortem:
    """Make a draft of it again, whether it was to be reviewed or is published; raises `Conflict`, `NotFound`, `Forbidden`."""
    require(actor, Verb.INCIDENT_WRITE)
    incident, before = incidents.incident(number), _found(number)
    if before.state is PostMortemState.DRAFT:
        raise Conflict("It is a draft already.")
    after = msgspec.structs.replace(before, state=PostMortemState.DRAFT, reviewer="", published_at=None)
    return _keep(
        actor, incident, after, before.updated_at, now, "draft", "made the post-mortem a draft again"
    )


def publish(actor: Actor, number: int, now: float) -> PostMortem:
    """Publish it, which says that it was read; raises `Forbidden` for its author where somebody else reviews, `NotFound`."""
    require(actor, Verb.INCIDENT_WRITE)
    incident, before = incidents.incident(number), _found(number)
    verdict = may_publish(actor, before)
    if not verdict.allowed:
        raise Forbidden(verdict.reason)
    after = msgspec.structs.replace(
        before, state=PostMortemState.PUBLISHED, reviewer=actor.name, published_at=now,
        facts={**before.facts, **msgspec.to_builtins(gathering.figures(incident, now))},
    )  # fmt: skip
    return _keep(actor, incident, after, before.updated_at, now, "publish", "published the post-mortem")


def may_publish(actor: Actor, paper: PostMortem) -> ReviewVerdict:
    """Decide whether an actor may publish a post-mortem now."""
    people = sum(ref.role is not Role.VIEWER for ref in accounts.user_refs().values())
    return reviewing.may_publish(paper, actor.id, people, reviewed=gathering.rules().reviewed)


def set_rules(actor: Actor, made: PostMortemRules, now: float) -> None:
    """Say what an incident costs here and whether somebody else reviews; raises `Invalid` by field, `Forbidden`."""
    require(actor, Verb.SETTINGS_WRITE)
    wrong = {
        name: "A number from 0 to 1,000,000,000."
        for name in ("per_minute", "per_request")
        if not 0 <= getattr(made, name) <= _MOST_MONEY
    }
    if not 1 <= len(made.currency.strip()) <= 10:
        wrong["currency"] = "A short name, as EUR."
    if wrong:
        raise Invalid("This cannot be kept.", wrong)
    with transaction():
        ports().kv.put(SETTINGS, msgspec.json.encode(made))
        detail = {name: str(value) for name, value in msgspec.to_builtins(made).items()}
        accounts.audit(actor, "settings.post_mortems", "post-mortems", detail, now)


def _found(number: int) -> PostMortem:
    found = store.find(number)
    if found is None:
        raise NotFound(f"INC-{number} has no post-mortem yet.")
    return found


def _keep(  # noqa: PLR0917 - what is kept, and what is told of it
    actor: Actor, incident: Incident, after: PostMortem, version: float, now: float, act: str, said: str
) -> PostMortem:  # fmt: skip
    changed = msgspec.structs.replace(after, updated_at=now)
    with transaction():
        if not store.save(changed, version):
            raise Conflict("Somebody changed it meanwhile. Copy what you wrote, look at it again, then save.")
        _tell(actor, incident, act, said, now)
    return changed


def _tell(actor: Actor, incident: Incident, act: str, said: str, now: float) -> None:
    if act != "save":
        line = EntryDraft(
            at=now, kind=EntryKind.ACT, text=said, by=actor.name, source=f"post-mortem:{act}:{now!r}",
            link=f"{incident.link}post-mortem/",
        )  # fmt: skip
        incidents.entry_added(incident.id, line, now)
    accounts.audit(actor, f"postmortem.{act}", incident.key, {}, now)


def _pass(verdict: ReviewVerdict) -> None:
    if not verdict.allowed:
        raise Conflict(verdict.reason)
