"""What a hook's message tells: our own JSON, GitHub's `deployment_status` and `release`, GitLab's deployment events. Pure.

Sources: GitHub, "Webhook events and payloads" and "Validating webhook deliveries"; GitLab, "Webhook events: deployment events".
"""

import hashlib
import hmac
import re
from collections.abc import Mapping

import msgspec

from vedette.core import clock
from vedette.core.errors import Invalid
from vedette.deploys.types import DeployDraft, Heard, Source

MOST_BYTES = 256 * 1024
_LIKE_A_VERSION = re.compile(r"v?\d+(?:[._-]\w+)+")
_GITLAB_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)|(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC"
)


def proves(secret: str, body: bytes, headers: Mapping[str, str]) -> bool:
    """Tell whether a message was sent by one who knows the secret; compared in constant time.

    `X-Hub-Signature-256` and `X-Vedette-Signature` carry `sha256=` and the HMAC-SHA-256 of the body in hex,
    `X-Gitlab-Token` and `X-Vedette-Token` the secret itself.
    """
    signed = headers.get("X-Hub-Signature-256") or headers.get("X-Vedette-Signature") or ""
    if signed:
        expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected.encode(), signed.strip().lower().encode(errors="replace"))
    told = headers.get("X-Gitlab-Token") or headers.get("X-Vedette-Token") or ""
    return hmac.compare_digest(secret.encode(), told.encode(errors="replace"))


def hear(body: bytes, headers: Mapping[str, str]) -> Heard:
    """Return the deploy a message tells of, or why it tells of none; raises `Invalid` for what is no such message."""
    told = _object(body)
    event = headers.get("X-GitHub-Event", "")
    if event:
        return _github(event, told)
    if headers.get("X-Gitlab-Event") or "object_kind" in told:
        return _gitlab(told)
    return _own(told)


def _object(body: bytes) -> Mapping[str, object]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"The body is not JSON: {error}. Send it as application/json.") from None
    if not isinstance(found, dict):
        raise Invalid("The body is not a JSON object.")
    return found


def _github(event: str, told: Mapping[str, object]) -> Heard:
    if event == "deployment_status":
        return _github_deployment(_part(told, "deployment"), _part(told, "deployment_status"))
    if event == "release":
        return _github_release(_text(told, "action"), _part(told, "release"))
    return Heard(None, f"GitHub's event {event[:40]} tells of no deploy; deployment_status and release do.")


def _github_deployment(deployment: Mapping[str, object], status: Mapping[str, object]) -> Heard:
    state = _text(status, "state")
    if state != "success":
        return Heard(None, f"A deployment that is {state[:40] or 'unnamed'} is not out; success is recorded.")
    sha = _text(deployment, "sha")
    draft = DeployDraft(
        version=_text(_part(deployment, "payload"), "version") or _version(_text(deployment, "ref"), sha),
        environment=_text(status, "environment") or _text(deployment, "environment"),
        url=_first(status, "environment_url", "log_url", "target_url"), commit=sha,
        by=_text(_part(deployment, "creator"), "login"), source=Source.GITHUB,
        started=_time(_text(deployment, "created_at")), finished=_time(_text(status, "created_at")),
        key=f"deployment-{_number(deployment, 'id')}",
    )  # fmt: skip
    return Heard(draft, "The deployment succeeded.")


def _github_release(action: str, release: Mapping[str, object]) -> Heard:
    if action != "published":
        return Heard(None, f"A release that is {action[:40] or 'unnamed'} is not out; published is recorded.")
    draft = DeployDraft(
        version=_text(release, "tag_name"), url=_text(release, "html_url"),
        by=_text(_part(release, "author"), "login"), source=Source.GITHUB,
        finished=_time(_text(release, "published_at")), key=f"release-{_number(release, 'id')}",
    )  # fmt: skip
    return Heard(draft, "The release was published.")


def _gitlab(told: Mapping[str, object]) -> Heard:
    kind, status = _text(told, "object_kind"), _text(told, "status")
    if kind != "deployment":
        return Heard(
            None, f"GitLab's event {kind[:40] or 'without a kind'} tells of no deploy; deployment does."
        )
    if status != "success":
        return Heard(
            None, f"A deployment that is {status[:40] or 'unnamed'} is not out; success is recorded."
        )
    sha = _text(told, "commit_url").rpartition("/")[2] or _text(told, "short_sha")
    draft = DeployDraft(
        version=_version(_text(told, "ref"), sha), environment=_text(told, "environment"),
        url=_first(told, "environment_external_url", "deployable_url"), commit=sha if _is_hex(sha) else "",
        by=_text(_part(told, "user"), "name"), source=Source.GITLAB,
        finished=_time(_text(told, "status_changed_at")), key=f"deployment-{_number(told, 'deployment_id')}",
    )  # fmt: skip
    return Heard(draft, "The deployment succeeded.")


def _own(told: Mapping[str, object]) -> Heard:
    started, finished, key = (_text(told, name) for name in ("started", "finished", "id"))
    if not key and not finished:
        raise Invalid("Send an id or the time it was finished, so that a repeat is known.", {"id": "missing"})
    draft = DeployDraft(
        version=_text(told, "version"), environment=_text(told, "environment"), url=_text(told, "url"),
        commit=_text(told, "commit"), by=_text(told, "by"), source=Source.HOOK,
        started=_our_time(started, "started"), finished=_our_time(finished, "finished"), key=key,
    )  # fmt: skip
    return Heard(draft, "The hook told of it.")


def _version(ref: str, sha: str) -> str:
    """Return what a deployment of a ref is called: a tag that reads like a version, else the commit (a branch is none)."""
    name = ref.removeprefix("refs/tags/").removeprefix("refs/heads/")
    return name if _LIKE_A_VERSION.fullmatch(name) or not sha else sha[:12]


def _our_time(text: str, field: str) -> float | None:
    found = _time(text)
    if text and found is None:
        raise Invalid(f"{field} is not a time; write 2026-11-24T02:14:00Z.", {field: "not ISO 8601"})
    return found


def _time(text: str) -> float | None:
    """Return the instant of ISO 8601 or of GitLab's own way (`2026-11-24 02:14:00 +0200`); None for anything else."""
    found = _GITLAB_TIME.fullmatch(text)
    if found:
        day, time, hours, minutes, utc_day, utc_time = found.groups()
        text = f"{day}T{time}{hours}:{minutes}" if day else f"{utc_day}T{utc_time}+00:00"
    try:
        return clock.parse_iso(text) if text else None
    except (ValueError, OverflowError):
        return None


def _part(told: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = told.get(name)
    return found if isinstance(found, dict) else {}


def _text(told: Mapping[str, object], name: str) -> str:
    found = told.get(name)
    return found if isinstance(found, str) else ""


def _first(told: Mapping[str, object], *names: str) -> str:
    return next((text for name in names if (text := _text(told, name))), "")


def _number(told: Mapping[str, object], name: str) -> int:
    found = told.get(name)
    if not isinstance(found, int) or isinstance(found, bool):
        raise Invalid(
            f"The message has no number {name}, by which a repeat would be known.", {name: "missing"}
        )
    return found


def _is_hex(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{7,64}", text) is not None
