"""The words of deploys: deploy, what is told of one, rollout, hook."""

import enum

import msgspec

ROOM = "deploys"
KIND = "deploy"  # the kind of this room's moments


class Source(enum.StrEnum):
    """Who told of a deploy: the command line, the REST API, our own hook, GitHub or GitLab."""

    CLI = "cli"
    API = "api"
    HOOK = "hook"
    GITHUB = "github"
    GITLAB = "gitlab"


class Deploy(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a project that went out.

    `environment`, `url`, `commit` (hex) and `by` are empty when they were not told. Instants are seconds, UTC;
    `started` is None when only its end is known.
    """

    id: int
    project: int
    key: str
    version: str
    environment: str
    url: str
    commit: str
    by: str
    source: str
    started: float | None
    finished: float
    recorded: float


class DeployDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody tells of a deploy, before it is checked. Without `finished` it is over now.

    `key` names it; without one it is made of the rest, or, where no time is told, by chance.
    """

    version: str
    environment: str = ""
    url: str = ""
    commit: str = ""
    by: str = ""
    source: Source = Source.API
    started: float | None = None
    finished: float | None = None
    key: str = ""


class Recorded(msgspec.Struct, frozen=True):
    """A deploy as it is stored, and whether it was not known before."""

    deploy: Deploy
    is_new: bool


class DeployPage(msgspec.Struct, frozen=True):
    """A page of deploys, newest first, and the cursor of the next one (None at the end)."""

    deploys: tuple[Deploy, ...]
    cursor: str | None


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """A version on its way out: by a deploy, or (`deployed` is False) as events first named it.

    It began at `began` and was out at `at`; the two are the same when only one is known.
    """

    project: int
    slug: str
    version: str
    environment: str
    began: float
    at: float
    deployed: bool


class HookRef(msgspec.Struct, frozen=True):
    """The hook of a project without its secret."""

    project: int
    made_at: float
    last_used_at: float | None


class Heard(msgspec.Struct, frozen=True):
    """What a hook's message says: a deploy, or (None) why it tells of none."""

    draft: DeployDraft | None
    reason: str
