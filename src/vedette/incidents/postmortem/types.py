"""The words of post-mortems: what an incident did, what it cost, and what is asked of who writes about it."""

import msgspec

SETTINGS = "settings/post_mortems"  # the KV key


class PostMortemRules(msgspec.Struct, frozen=True, kw_only=True):
    """How post-mortems are made here: what a minute and a failed request cost, in a currency, and whether somebody else reviews."""

    currency: str = "EUR"
    per_minute: float = 0.0
    per_request: float = 0.0
    reviewed: bool = True


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted while an incident lasted; None where nothing counts it.

    `failed` are events of errors, `usual` how many came in the same hours a week before; `users` are those who met issues
    that began with it: there may be more.
    """

    failed: float | None = None
    usual: float | None = None
    users: int | None = None


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What an incident did: lengths in seconds, requests that failed beyond the usual, users (at least), money."""

    impact: float
    detect: float
    acknowledge: float | None = None
    resolve: float | None = None
    requests: float | None = None
    users: float | None = None
    money: float | None = None


class ReviewVerdict(msgspec.Struct, frozen=True):
    """Whether somebody may publish a post-mortem, and why not."""

    allowed: bool
    reason: str = ""


class PostMortemLine(msgspec.Struct, frozen=True, kw_only=True):
    """A post-mortem in the list, with what of it is still to be done."""

    incident: int
    title: str
    state: str
    author: str
    updated_at: float
    published_at: float | None
