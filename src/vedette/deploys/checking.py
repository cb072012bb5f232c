"""What may be told of a deploy: pure checks with a sentence for each refusal, and the key that tells repeats."""

import hashlib
import math
import re

import msgspec

from vedette.deploys.types import DeployDraft

MOST_VERSION, MOST_ENVIRONMENT, MOST_URL, MOST_BY, MOST_KEY = 200, 200, 500, 120, 120
_EARLIEST = 946_684_800.0  # the year 2000: an instant before it is a mistake
_AHEAD = 3_600.0  # clocks differ; a deploy an hour ahead is a mistake
_COMMIT = re.compile(r"[0-9a-f]{7,64}")


def tidied(draft: DeployDraft) -> DeployDraft:
    """Return a draft without space around its texts, its commit in lower case."""
    return msgspec.structs.replace(
        draft,
        version=draft.version.strip(),
        environment=draft.environment.strip(),
        url=draft.url.strip(),
        commit=draft.commit.strip().lower(),
        by=draft.by.strip(),
        key=draft.key.strip(),
    )


def problems(draft: DeployDraft, now: float) -> dict[str, str]:
    """Return what is wrong with a draft, by field; empty when it can be recorded."""
    found = {
        "version": _version_problem(draft.version),
        "environment": _text_problem(draft.environment, MOST_ENVIRONMENT, "An environment"),
        "url": _url_problem(draft.url),
        "commit": "" if not draft.commit or _COMMIT.fullmatch(draft.commit) else "A commit is 7 to 64 hex digits.",
        "by": _text_problem(draft.by, MOST_BY, "A name"),
        "id": _text_problem(draft.key, MOST_KEY, "An id"),
        "started": _time_problem(draft.started, now),
        "finished": _time_problem(draft.finished, now) or _order_problem(draft),
    }  # fmt: skip
    return {field: text for field, text in found.items() if text}


def key_of(draft: DeployDraft) -> str:
    """Return the key by which a repeat of this draft is known; empty when nothing in it tells one from the next."""
    if draft.key:
        return f"{draft.source}:{draft.key}"
    if draft.finished is None and draft.started is None:
        return ""
    parts = (draft.version, draft.environment, draft.commit, repr(draft.started), repr(draft.finished))
    return "told:" + hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def names_of(release: str) -> tuple[str, ...]:
    """Return the versions a release may be deployed as: itself, and without the package SDKs put before it (`shop@1.0`)."""
    bare = release.partition("@")[2]
    return tuple(name for name in (release, bare) if name)


def _version_problem(version: str) -> str:
    if not version:
        return "A version must not be empty."
    if version in {".", ".."}:
        return "A version cannot be made of dots alone: it stands in addresses."
    return _text_problem(version, MOST_VERSION, "A version")


def _text_problem(text: str, most: int, what: str) -> str:
    if len(text) > most:
        return f"{what} has at most {most} characters."
    return "" if text.isprintable() else f"{what} holds a character that cannot be printed."


def _url_problem(url: str) -> str:
    if not url:
        return ""
    if not url.startswith(("https://", "http://")) or " " in url:
        return "A URL starts with https:// or http:// and holds no space."
    return _text_problem(url, MOST_URL, "A URL")


def _time_problem(at: float | None, now: float) -> str:
    if at is None or (math.isfinite(at) and _EARLIEST <= at <= now + _AHEAD):
        return ""
    return "A time lies after the year 2000 and not in the future."


def _order_problem(draft: DeployDraft) -> str:
    if draft.started is None or draft.finished is None or draft.started <= draft.finished:
        return ""
    return "A deploy cannot be over before it began."
