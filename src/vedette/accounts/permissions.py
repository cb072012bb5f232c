"""May this member do that? Roles x verbs as one table; views, API, live streams and the CLI all ask here."""

import enum
import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

import msgspec

from vedette.core.errors import Forbidden, Unauthenticated


class Role(enum.StrEnum):
    """What a person is in this installation, from most to least."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Scope(enum.StrEnum):
    """What a token is for; it never exceeds its owner's role."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class Verb(enum.StrEnum):
    """Everything that can be asked for, as `thing.act`."""

    OVERVIEW_READ = "overview.read"
    PROJECT_READ = "project.read"
    PROJECT_WRITE = "project.write"
    KEY_READ = "key.read"
    KEY_WRITE = "key.write"
    ISSUE_READ = "issue.read"
    ISSUE_WRITE = "issue.write"
    EVENT_READ = "event.read"
    SEARCH_OWN = "search.own"
    EVENT_SEND = "event.send"
    DEPLOY_READ = "deploy.read"
    DEPLOY_WRITE = "deploy.write"
    MONITOR_READ = "monitor.read"
    MONITOR_WRITE = "monitor.write"
    JOURNEY_WRITE = "journey.write"
    LOCATION_WRITE = "location.write"
    PROBE_RUN = "probe.run"
    HOST_READ = "host.read"
    HOST_WRITE = "host.write"
    AGENT_RUN = "agent.run"
    BAN_READ = "ban.read"
    BAN_WRITE = "ban.write"
    STATUS_READ = "status.read"
    STATUS_WRITE = "status.write"
    USER_READ = "user.read"
    USER_WRITE = "user.write"
    OWNER_WRITE = "owner.write"
    ACCOUNT_OWN = "account.own"
    TOKEN_OWN = "token.own"  # noqa: S105 - the name of a verb
    TOKEN_ALL = "token.all"  # noqa: S105 - the name of a verb
    CHANNEL_READ = "channel.read"
    CHANNEL_WRITE = "channel.write"
    NOTIFY_OWN = "notify.own"
    ALERT_WRITE = "alert.write"
    RULE_READ = "rule.read"
    RULE_WRITE = "rule.write"
    ONCALL_READ = "oncall.read"
    ONCALL_COVER = "oncall.cover"
    ONCALL_WRITE = "oncall.write"
    INCIDENT_READ = "incident.read"
    INCIDENT_WRITE = "incident.write"
    RUNBOOK_WRITE = "runbook.write"
    REPORT_READ = "report.read"
    FINDING_READ = "finding.read"
    FINDING_WRITE = "finding.write"
    SCAN_WRITE = "scan.write"
    BACKUP_READ = "backup.read"
    BACKUP_RUN = "backup.run"
    BACKUP_WRITE = "backup.write"
    BACKUP_RESTORE = "backup.restore"
    BACKUP_SHEET = "backup.sheet"
    INFRA_READ = "infra.read"
    INFRA_LOOK = "infra.look"
    INFRA_WRITE = "infra.write"
    INFRA_APPLY = "infra.apply"
    SETTINGS_READ = "settings.read"
    SETTINGS_WRITE = "settings.write"
    AUDIT_READ = "audit.read"
    METRICS_READ = "metrics.read"
    PRIVACY_ERASE = "privacy.erase"


_VIEWER = {
    Verb.OVERVIEW_READ,
    Verb.PROJECT_READ,
    Verb.ISSUE_READ,
    Verb.EVENT_READ,
    Verb.SEARCH_OWN,
    Verb.DEPLOY_READ,
    Verb.MONITOR_READ,
    Verb.STATUS_READ,
    Verb.USER_READ,
    Verb.ACCOUNT_OWN,
    Verb.TOKEN_OWN,
    Verb.CHANNEL_READ,
    Verb.NOTIFY_OWN,
    Verb.RULE_READ,
    Verb.ONCALL_READ,
    Verb.INCIDENT_READ,
    Verb.REPORT_READ,
    Verb.SETTINGS_READ,
    Verb.METRICS_READ,
}
_MEMBER = _VIEWER | {
    Verb.ISSUE_WRITE,
    Verb.KEY_READ,
    Verb.EVENT_SEND,
    Verb.DEPLOY_WRITE,
    Verb.MONITOR_WRITE,
    Verb.HOST_READ,
    Verb.BAN_READ,
    Verb.BAN_WRITE,
    Verb.STATUS_WRITE,
    Verb.ALERT_WRITE,
    Verb.ONCALL_COVER,
    Verb.INCIDENT_WRITE,
    Verb.FINDING_READ,
    Verb.FINDING_WRITE,
    Verb.BACKUP_READ,
    Verb.BACKUP_RUN,
    Verb.INFRA_READ,
    Verb.INFRA_LOOK,
}
_ADMIN = _MEMBER | {
    Verb.JOURNEY_WRITE,
    Verb.PROJECT_WRITE,
    Verb.KEY_WRITE,
    Verb.LOCATION_WRITE,
    Verb.HOST_WRITE,
    Verb.USER_WRITE,
    Verb.TOKEN_ALL,
    Verb.CHANNEL_WRITE,
    Verb.RULE_WRITE,
    Verb.ONCALL_WRITE,
    Verb.RUNBOOK_WRITE,
    Verb.SCAN_WRITE,
    Verb.BACKUP_WRITE,
    Verb.BACKUP_RESTORE,
    Verb.BACKUP_SHEET,
    Verb.INFRA_WRITE,
    Verb.INFRA_APPLY,
    Verb.SETTINGS_WRITE,
    Verb.AUDIT_READ,
    Verb.PRIVACY_ERASE,
}
ROLE_VERBS: dict[Role, frozenset[Verb]] = {
    Role.OWNER: frozenset(Verb)
    - {Verb.PROBE_RUN, Verb.AGENT_RUN},  # a location's by its token, an agent's by its key
    Role.ADMIN: frozenset(_ADMIN),
    Role.MEMBER: frozenset(_MEMBER),
    Role.VIEWER: frozenset(_VIEWER),
}
_SESSION_ONLY = {Verb.ACCOUNT_OWN, Verb.OWNER_WRITE}
_READS = frozenset(v for v in Verb if v.endswith(".read"))
SCOPE_VERBS: dict[Scope, frozenset[Verb]] = {
    Scope.READ: _READS,
    Scope.WRITE: frozenset(Verb)
    - {
        Verb.USER_WRITE,
        Verb.TOKEN_ALL,
        Verb.TOKEN_OWN,
        Verb.PRIVACY_ERASE,
        Verb.JOURNEY_WRITE,
        Verb.LOCATION_WRITE,
        Verb.HOST_WRITE,
        Verb.RUNBOOK_WRITE,
        Verb.BACKUP_WRITE,
        Verb.BACKUP_RESTORE,
        Verb.BACKUP_SHEET,
        Verb.INFRA_WRITE,
        Verb.INFRA_APPLY,
    }
    - _SESSION_ONLY,
    Scope.ADMIN: frozenset(Verb) - _SESSION_ONLY,
}


class ActorKind(enum.StrEnum):
    """Who asks: a signed-in person, a token, Vedette itself (CLI on the machine, its own loops), or nobody."""

    USER = "user"
    TOKEN = "token"  # noqa: S105 - a kind of actor
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


class Actor(msgspec.Struct, frozen=True):
    """Who asks. `id` is the user's id (0 for system and anonymous); `token_id` is set for tokens."""

    kind: ActorKind
    id: int = 0
    name: str = ""
    role: Role | None = None
    scopes: frozenset[Scope] = frozenset()
    token_id: int | None = None


SYSTEM = Actor(kind=ActorKind.SYSTEM, name="vedette")
ANONYMOUS = Actor(kind=ActorKind.ANONYMOUS)


class Decision(msgspec.Struct, frozen=True):
    """The answer and why."""

    allowed: bool
    reason: str


def may(actor: Actor, verb: Verb) -> Decision:
    """Decide whether the actor may do what the verb says."""
    if actor.kind is ActorKind.SYSTEM:
        return Decision(True, "Vedette itself may do everything.")
    if actor.role is None:
        return Decision(False, "Nobody is signed in.")
    if verb not in ROLE_VERBS[actor.role]:
        return Decision(False, f"The role {actor.role} does not include {verb}.")
    if actor.kind is ActorKind.TOKEN and not any(verb in SCOPE_VERBS[s] for s in actor.scopes):
        return Decision(
            False, f"This token's scope ({', '.join(sorted(actor.scopes))}) does not include {verb}."
        )
    return Decision(True, f"The role {actor.role} includes {verb}.")


def require(actor: Actor, verb: Verb) -> None:
    """Pass when the actor may; raises `Unauthenticated` for nobody and `Forbidden` for somebody who may not."""
    decision = may(actor, verb)
    if decision.allowed:
        return
    if actor.kind is ActorKind.ANONYMOUS:
        raise Unauthenticated(decision.reason)
    raise Forbidden(decision.reason)


P = ParamSpec("P")
View = TypeVar("View", bound=Callable[..., object])
R = TypeVar("R")
Request = TypeVar("Request")


def actor_of(request: object) -> Actor:
    """Return who asks, as the middleware noted it on the request; nobody where it did not run."""
    actor = getattr(request, "actor", ANONYMOUS)
    return actor if isinstance(actor, Actor) else ANONYMOUS


def open_to_all(view: View) -> View:
    """Mark a view that anyone may open; the role table test reads `needs_verb` (None) there."""
    view.needs_verb = None  # type: ignore[attr-defined]
    return view


def needs(
    verb: Verb,
) -> Callable[[Callable[Concatenate[Request, P], R]], Callable[Concatenate[Request, P], R]]:
    """Return a decorator that lets a view or API operation run only when `request.actor` may do `verb`.

    The verb is kept on the view as `needs_verb`; the role table test reads it there.
    """

    def decorate(view: Callable[Concatenate[Request, P], R]) -> Callable[Concatenate[Request, P], R]:
        @functools.wraps(view)
        def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> R:
            require(actor_of(request), verb)
            return view(request, *args, **kwargs)

        guarded.needs_verb = verb  # type: ignore[attr-defined]
        return guarded

    return decorate
