"""The words of projects: project, DSN key, scrub rules, and what was counted."""

import enum
from collections.abc import Callable, Mapping

import msgspec

REVISION = "projects/revision"  # the KV key that changes with every change of a project or key
RETENTION = "settings/retention_days"  # the KV key that overrides the setting `retention_days`
TOPIC = "projects"  # the bus topic that is woken after such a change was committed

#: The outcomes of what was left out on purpose, and what people read of each.
LEFT_OUT: Mapping[str, str] = {
    "extension": "Blocked by the browser: extensions. A visitor's extension was blocked, not your page.",
    "injected": "Software on the visitor's computer put it into the page (known adware hosts).",
    "foreign_origin": "The page it is about is none of the key's allowed origins.",
    "dropped": "Larger than its limit, of no event, or more than an event or a request may have.",
    "no_room": "No room for attachments: attachments_max_bytes is used up, or the disk is nearly full.",
    "thinned": "Spike protection: counted, but kept without details (title, time, tags and user stay).",
    "success": "A network request that went well.",
}

OnDelete = Callable[[int], None]


class Platform(enum.StrEnum):
    """What a project runs on, as far as the set-up snippets tell them apart."""

    PYTHON = "python"
    DJANGO = "django"
    FASTAPI = "fastapi"
    FLASK = "flask"
    NODE = "node"
    EXPRESS = "express"
    JAVASCRIPT = "javascript"
    REACT = "react"
    PHP = "php"
    RUBY = "ruby"
    GO = "go"
    JAVA = "java"
    DOTNET = "dotnet"
    OTHER = "other"


LABELS = {
    Platform.PYTHON: "Python",
    Platform.DJANGO: "Django",
    Platform.FASTAPI: "FastAPI",
    Platform.FLASK: "Flask",
    Platform.NODE: "Node.js",
    Platform.EXPRESS: "Express",
    Platform.JAVASCRIPT: "Browser",
    Platform.REACT: "React",
    Platform.PHP: "PHP",
    Platform.RUBY: "Ruby",
    Platform.GO: "Go",
    Platform.JAVA: "Java",
    Platform.DOTNET: ".NET",
    Platform.OTHER: "Something else",
}


class Project(msgspec.Struct, frozen=True):
    """One application that reports here; `id` stands in its DSN, `slug` in links and issue keys."""

    id: int
    slug: str
    name: str
    platform: str
    created_at: float


class DsnKey(msgspec.Struct, frozen=True, kw_only=True):
    """A public key that lets SDKs send to one project.

    `origins` are the web origins a browser may send from (`*` = every one). `per_minute` and `per_day` are
    quotas of error events, None for none. `replaced_at` is set once a newer key was made in its place.
    """

    id: int
    project: int
    public: str
    label: str
    active: bool
    origins: tuple[str, ...]
    per_minute: int | None
    per_day: int | None
    created_at: float
    last_used_at: float | None = None
    replaced_at: float | None = None


class ScrubRules(msgspec.Struct, frozen=True):
    """What is removed from a project's events before they rest.

    `extra_keys` are further names whose values go, `safe_keys` names whose values stay although a default
    would take them, `mask_addresses` drops client addresses, `defaults` applies the built-in rules.
    """

    extra_keys: tuple[str, ...] = ()
    safe_keys: tuple[str, ...] = ()
    mask_addresses: bool = False
    defaults: bool = True


class UsageCount(msgspec.Struct, frozen=True):
    """How many items of a type met an outcome on a UTC day (`YYYY-MM-DD`)."""

    project: int
    day: str
    item_type: str
    outcome: str
    count: int


class NotKept(msgspec.Struct, frozen=True):
    """How many items of a type came on a UTC day that no room keeps."""

    day: str
    item_type: str
    count: int


class LeftOut(msgspec.Struct, frozen=True):
    """How many items of a type were left out on a UTC day, and the reason as people read it."""

    day: str
    item_type: str
    reason: str
    count: int


class Seen(msgspec.Struct, frozen=True):
    """A release or an environment that events named, and when first and last."""

    name: str
    first_at: float
    last_at: float


class Kept(msgspec.Struct, frozen=True):
    """What a project's events take: how many came in the days that are kept, and about how many bytes."""

    project: Project
    events: int
    bytes: int
