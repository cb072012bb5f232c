"""What a hook's message says, and who may send one."""

import hashlib
import hmac
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vedette.core.clock import parse_iso
from vedette.core.errors import Invalid
from vedette.deploys import hooks
from vedette.deploys.types import Heard

SHA = "9f31c2e8d0a94b1f8e7c6d5b4a3f2e1d0c9b8a77"
DEPLOYMENT = {
    "deployment": {
        "id": 7, "ref": "2026.11.24-3", "sha": SHA, "environment": "production", "creator": {"login": "mira"},
        "created_at": "2026-11-24T02:10:00Z", "payload": {},
    },
    "deployment_status": {
        "state": "success", "environment": "production", "environment_url": "https://shop.example",
        "created_at": "2026-11-24T02:14:00Z",
    },
}  # fmt: skip
GITLAB = {
    "object_kind": "deployment", "status": "success", "deployment_id": 15, "environment": "staging", "ref": "main",
    "status_changed_at": "2026-11-24 02:14:00 +0200", "short_sha": "279484c0", "user": {"name": "Jonas Berg"},
    "commit_url": f"https://gitlab.example/shop/-/commit/{SHA}", "environment_external_url": "https://staging.example",
}  # fmt: skip


def hear(told: object, **headers: str) -> Heard:
    return hooks.hear(json.dumps(told).encode(), headers)


def github(told: object, event: str = "deployment_status") -> Heard:
    return hooks.hear(json.dumps(told).encode(), {"X-GitHub-Event": event})


def test_a_github_deployment_that_succeeded() -> None:
    draft = github(DEPLOYMENT).draft
    assert draft is not None
    assert (draft.version, draft.environment, draft.by) == ("2026.11.24-3", "production", "mira")
    assert (draft.url, draft.commit, draft.key) == ("https://shop.example", SHA, "deployment-7")
    assert draft.started == parse_iso("2026-11-24T02:10:00Z")
    assert draft.finished == parse_iso("2026-11-24T02:14:00Z")


@pytest.mark.parametrize(
    ("ref", "payload", "version"),
    [
        ("v1.2.3", {}, "v1.2.3"),
        ("refs/tags/1.2", {}, "1.2"),
        ("main", {}, SHA[:12]),
        ("main", {"version": "2026.11.24-3"}, "2026.11.24-3"),
        ("main", "text", SHA[:12]),
    ],
)
def test_a_branch_is_no_version(ref: str, payload: object, version: str) -> None:
    told = {**DEPLOYMENT, "deployment": {**DEPLOYMENT["deployment"], "ref": ref, "payload": payload}}
    draft = github(told).draft
    assert draft is not None
    assert draft.version == version


@pytest.mark.parametrize("state", ["pending", "in_progress", "failure", ""])
def test_a_deployment_that_is_not_out_is_no_deploy(state: str) -> None:
    heard = github({**DEPLOYMENT, "deployment_status": {"state": state}})
    assert heard.draft is None
    assert "is not out" in heard.reason


def test_a_github_release() -> None:
    release = {"id": 3, "tag_name": "v2.0", "html_url": "https://github.example/r", "author": {"login": "ann"},
               "published_at": "2026-11-24T02:14:00Z"}  # fmt: skip
    draft = github({"action": "published", "release": release}, "release").draft
    assert draft is not None
    assert (draft.version, draft.by, draft.key) == ("v2.0", "ann", "release-3")
    assert github({"action": "created", "release": release}, "release").draft is None
    assert github({"zen": "Keep it logically awesome."}, "ping").draft is None


def test_a_gitlab_deployment() -> None:
    draft = hear(GITLAB).draft
    assert draft is not None
    assert (draft.version, draft.environment, draft.by) == (SHA[:12], "staging", "Jonas Berg")
    assert draft.finished == parse_iso("2026-11-24T00:14:00Z")
    assert hear({**GITLAB, "status": "running"}).draft is None
    assert hear({"object_kind": "push"}).draft is None


def test_our_own_needs_something_by_which_a_repeat_is_known() -> None:
    draft = hear({"version": "1", "finished": "2026-11-24T02:14:00", "by": "ci"}).draft
    assert draft is not None
    assert draft.finished == parse_iso("2026-11-24T02:14:00Z")
    with pytest.raises(Invalid, match="an id or the time"):
        hear({"version": "1"})
    with pytest.raises(Invalid, match="not a time"):
        hear({"version": "1", "finished": "yesterday"})


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'"text"'])
def test_what_is_no_message_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(Invalid, match="The body is not"):
        hooks.hear(body, {})


_LEAF = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["", "success", "published", "1.0", "x" * 300])
)
_PARTS = ("id", "state", "payload", "tag_name", "created_at", "sha", "ref")
_JSON = _LEAF | st.lists(_LEAF, max_size=2) | st.dictionaries(st.sampled_from(_PARTS), _LEAF, max_size=5)
_NAMES = (
    "deployment",
    "deployment_status",
    "release",
    "object_kind",
    "status",
    "version",
    "id",
    "finished",
    "ref",
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from(_NAMES), _JSON),
    st.sampled_from(["", "release", "deployment_status", "x"]),
)
def test_any_object_is_heard_or_refused(told: dict[str, object], event: str) -> None:
    try:
        heard = github(told, event)
    except Invalid:
        return
    assert heard.reason


def test_only_who_knows_the_secret_proves_it() -> None:
    body = b'{"version":"1"}'
    good = "sha256=" + hmac.new(b"secret", body, hashlib.sha256).hexdigest()
    for name in ("X-Hub-Signature-256", "X-Vedette-Signature"):
        assert hooks.proves("secret", body, {name: good})
        assert not hooks.proves("secret", body + b" ", {name: good})
        assert not hooks.proves("other", body, {name: good})
        assert not hooks.proves("secret", body, {name: "sha256=é"})
    for name in ("X-Gitlab-Token", "X-Vedette-Token"):
        assert hooks.proves("secret", body, {name: "secret"})
        assert not hooks.proves("secret", body, {name: "Secret"})
    assert not hooks.proves("secret", body, {})
    assert not hooks.proves("secret", body, {"X-Hub-Signature-256": "sha256=0", "X-Vedette-Token": "secret"})
