"""What a monitor asks its probe, which of that is secret, and what a result says of its monitor."""

import dataclasses
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.receiver import Receiver
from tests.support.rooms import NOW, bearing

from vedette.accounts.permissions import SYSTEM, Scope
from vedette.core.errors import Invalid
from vedette.core.settings import Settings
from vedette.instruments.probe.types import (
    OUR_FAULTS,
    Cause,
    Certificate,
    Evidence,
    Hop,
    Phases,
    Request,
    Result,
)
from vedette.monitors import requesting, service
from vedette.monitors.concluding import MOST_EVIDENCE, concluded
from vedette.monitors.types import Config, MonitorDraft, Reading
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts


def raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(value).encode())


def asking(
    name: str = "API", kind: str = "http", secrets: dict[str, str] | None = None, **request: Any
) -> MonitorDraft:
    asked = {"url": "https://site.example", **request}
    return MonitorDraft(name=name, kind=kind, config=Config(request=raw(asked)), secrets=secrets)


def test_secrets_among_the_options_are_sealed_and_asked_with_again(house: MemoryPorts) -> None:
    options = {"method": "POST", "token": "t0p-secret", "headers": {"X-Api-Key": "k3y"}}
    one = service.create(SYSTEM, 0, asking(options=options, deadline=3), NOW)
    assert b"t0p-secret" not in bytes(one.config.request)
    assert json.loads(bytes(one.config.request)) == {
        "url": "https://site.example",
        "deadline": 3,
        "options": {"method": "POST"},
    }
    asked = requesting.request_of(one, service.secrets(one))
    assert dict(asked.options) == options
    assert asked.deadline == 3


def test_a_change_without_secrets_keeps_them_and_one_among_the_options_joins_them(house: MemoryPorts) -> None:
    one = service.create(SYSTEM, 0, asking(secrets={"password": "hunter2"}, options={"user": "eve"}), NOW)
    one = service.update(SYSTEM, one, asking(options={"user": "ann"}), NOW)
    assert service.secrets(one) == {"password": "hunter2"}
    one = service.update(SYSTEM, one, asking(options={"user": "ann", "body": "ping"}), NOW)
    assert service.secrets(one) == {"password": "hunter2", "body": "ping"}


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"url": "https://thief.example"},
        {"url": "http://site.example"},
        {"url": "https://site.example:8443"},
        {"url": "https://site.example", "pins": ["192.0.2.66"]},
        {"url": "https://site.example", "name_server": "192.0.2.66"},
        {"url": "https://site.example", "options": {"proxy": "http://thief.example:3128"}},
    ],
)
def test_secrets_that_are_kept_go_nowhere_else(house: MemoryPorts, elsewhere: dict[str, Any]) -> None:
    web = bearing(Scope.WRITE, NOW)
    one = service.create(SYSTEM, 0, asking(secrets={"token": "t0p", "body": "ping"}), NOW)

    def put(request: dict[str, Any], **more: object) -> int:
        body = json.dumps({"name": "API", "config": {"request": request}, **more})
        return web.put("/api/v1/monitors/api", body, content_type="application/json").status_code

    some = {**elsewhere, "options": {**elsewhere.get("options", {}), "token": "t0p"}}
    assert (put(elsewhere), put(some)) == (422, 422)
    assert service.find("api").config == one.config
    assert put({"url": "https://site.example/health", "options": {"method": "POST"}}) == 200
    assert service.secrets(one) == {"token": "t0p", "body": "ping"}
    assert put({**some, "options": {**some["options"], "body": "ping"}}) == 200
    assert put({"url": "https://third.example"}, secrets={}) == 200
    assert service.secrets(one) == {}


def test_secrets_of_a_suite_go_into_no_step_that_changed(house: MemoryPorts) -> None:
    steps = [{"url": "https://${host}/in", "options": {"body": "${password}", "method": "POST"}}]
    options = {"steps": steps, "variables": {"host": "site.example"}}
    sealed = {"secrets": '{"password": "t0p"}'}
    draft = asking(kind="multi", url="multi://buy", options=options)
    one = service.create(SYSTEM, 0, msgspec.structs.replace(draft, secrets=sealed), NOW)
    for changed in (
        {**options, "variables": {"host": "thief.example"}},
        {**options, "steps": [{"url": "https://thief.example/${password}"}]},
    ):
        with pytest.raises(Invalid, match="enter its secrets again"):
            service.update(SYSTEM, one, asking(kind="multi", url="multi://buy", options=changed), NOW)
    assert (
        service.update(SYSTEM, one, asking("Buy", "multi", url="multi://buy", options=options), NOW).name
        == "Buy"
    )


@pytest.mark.parametrize(
    ("field", "said", "draft"),
    [
        ("kind", "did you mean http?", asking(kind="htp")),
        ("request.url", "is checked by tcp", asking(url="tcp://db.example:5432")),
        ("request.url", "begins with one of", asking(url="gopher://old.example")),
        ("request.deadline", "between 0.05 and 300", asking(deadline=1_000)),
        ("request.expect", "Assertion 2: ", asking(expect=["[STATUS] == 200", "[STATUS"])),
        ("request.options.method", "method", asking(options={"method": "get it"})),
        ("request.options.metod", "no such option", asking(options={"metod": "GET"})),
        ("request.options.token", "either a token or user", asking(options={"user": "a", "token": "b"})),
        ("request.options.token", "either a token or user", asking(options={"user": "a"}, secrets={"token": "b"})),
        ("request", "did you mean deadline?", asking(deadlin=3)),
        ("request", "Expected `str`", asking(url=3)),
        ("secrets", "no secret pasword", asking(secrets={"pasword": "x"})),
        ("secrets", "written as JSON", asking(secrets={"headers": "X: y"})),
        ("request", "missing required field `url`", MonitorDraft(name="a", kind="http", config=Config())),
    ],
)  # fmt: skip
def test_what_can_never_work_is_refused_by_field(
    house: MemoryPorts, field: str, said: str, draft: MonitorDraft
) -> None:
    with pytest.raises(Invalid) as refused:
        service.create(SYSTEM, 0, draft, NOW)
    assert said in refused.value.fields[field]


def test_no_refusal_tells_a_secret(house: MemoryPorts) -> None:
    with pytest.raises(Invalid) as refused:
        service.create(SYSTEM, 0, asking(options={"user": "a", "token": "t0p-secret"}), NOW)
    assert "t0p-secret" not in str(refused.value)


def test_rest_makes_a_check_and_names_what_is_wrong_with_it(house: MemoryPorts) -> None:
    web = bearing(Scope.WRITE, NOW)

    def post(request: object) -> tuple[int, Any]:
        body = json.dumps({"name": "API", "kind": "http", "config": {"interval": 30, "request": request}})
        answer = web.post("/api/v1/monitors", body, content_type="application/json")
        return answer.status_code, json.loads(answer.content)

    status, made = post({"url": "https://a.example", "options": {"token": "t0p-secret"}})
    assert (status, made["config"]["request"]) == (201, {"url": "https://a.example"})
    status, told = post({"url": "https://a.example", "expect": ["[STATUS"]})
    assert status in {400, 422}
    assert "request.expect" in json.dumps(told)


@given(
    st.builds(
        Request,
        url=st.just("https://a.example"),
        deadline=st.floats(0.1, 300),
        expect=st.lists(st.text(max_size=20), max_size=3).map(tuple),
        pins=st.lists(st.just("192.0.2.1"), max_size=2).map(tuple),
        options=st.dictionaries(
            st.sampled_from(["token", "password", "body", "method", "user", "max_bytes"]),
            st.text(st.characters(codec="utf-8"), max_size=20),
        )
        | st.builds(lambda h: {"headers": h}, st.dictionaries(st.text(max_size=9), st.text(max_size=9))),
    )
)
def test_what_is_taken_apart_is_the_same_when_put_together(request_: Request) -> None:
    left, secrets = requesting.split("http", request_)
    assert not set(left.options) & {"token", "password", "body", "headers"}
    assert requesting.joined("http", requesting.read(requesting.written(left)), secrets) == request_


def found(cause: Cause | None = None, **evidence: Any) -> Result:
    return Result(
        ok=cause is None, at=NOW, sentence="So it is.", phases=Phases(dns=1.0, connect=2.0, total=12.0),
        evidence=Evidence(**evidence), cause=cause, assertion=2 if cause is Cause.ASSERTION else None,
    )  # fmt: skip


def certificate(ends: float) -> Certificate:
    return Certificate(subject="", issuer="", names=(), starts=0.0, ends=ends, fingerprint="")


def test_a_result_becomes_an_outcome_with_what_ends_first() -> None:
    hops = (Hop(url="https://a.example", certificate_ends=NOW + 5),)
    told = concluded(7, found(chain=(certificate(NOW + 9), certificate(NOW + 7)), hops=hops), "berlin")
    assert (told.monitor, told.location, told.outcome.reading) == (7, "berlin", Reading.GOOD)
    assert (told.outcome.ms, told.outcome.expires, told.phases) == (
        12.0,
        NOW + 5,
        {"dns": 1.0, "connect": 2.0},
    )
    assert told.evidence == b""


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_reads_as_bad_but_our_own_faults(cause: Cause) -> None:
    told = concluded(7, found(cause, status=503))
    assert told.outcome.reading is (Reading.UNKNOWN if cause in OUR_FAULTS else Reading.BAD)
    assert told.outcome.cause == ("assertion-2" if cause is Cause.ASSERTION else cause.value)
    assert (told.outcome.sentence, json.loads(told.evidence)["status"]) == ("So it is.", 503)


def test_evidence_that_is_too_much_loses_its_picture_and_then_its_ends() -> None:
    notes = tuple(f"{n} {'é' * 400}" for n in range(60))
    whole = json.loads(concluded(7, found(Cause.BAD_STATUS, picture=bytes(40_000), body="no")).evidence)
    assert (len(whole["picture"]), whole["body"]) == (53_336, "no")
    told = concluded(7, found(Cause.BAD_STATUS, picture=bytes(40_000), notes=notes[:20], body="no"))
    assert json.loads(told.evidence)["picture"] == "", "it goes alone"
    assert json.loads(told.evidence)["notes"] == list(notes[:20])
    told = concluded(
        7, found(Cause.BAD_STATUS, status=503, notes=notes * 2, records=notes * 4, body="\0" * 4_096)
    )
    kept = json.loads(told.evidence)
    assert len(told.evidence) <= MOST_EVIDENCE
    assert (kept["status"], kept["notes"], kept["records"]) == (503, list(notes[:15]), list(notes[:30]))


def test_how_long_silence_lasted_is_no_time_of_an_answer() -> None:
    assert concluded(7, found(Cause.TIMEOUT_IN_CONNECT)).outcome.ms is None
    assert concluded(7, found(Cause.BAD_STATUS)).outcome.ms == 12.0


@pytest.fixture
def reaching(house: MemoryPorts) -> MemoryPorts:
    made = dataclasses.replace(house, settings=Settings(allow_private_addresses=True))
    install(made)
    return made


def test_one_check_now_tells_its_steps_and_keeps_nothing(reaching: MemoryPorts) -> None:
    steps: list[tuple[str, bool]] = []
    there = Receiver()
    draft = asking(url=there.url, options={"status": "100-599"})
    result = service.try_now(SYSTEM, 0, draft, lambda phase, ms: steps.append((phase, ms is None)))
    there.close()
    assert result.ok, result
    assert steps[:3] == [("dns", True), ("dns", False), ("connect", True)]
    assert ("first_byte", False) in steps
    assert service.every() == ()


def test_private_addresses_are_tried_only_where_settings_allow_them(house: MemoryPorts) -> None:
    one = service.create(SYSTEM, 0, asking(url="http://127.0.0.1:9"), NOW)
    assert service.try_now(SYSTEM, 0, one).code == "blocked-address"
    answer = bearing(Scope.WRITE, NOW).post(f"/api/v1/monitors/{one.id}/check")
    told = json.loads(answer.content)
    assert (answer.status_code, told["ok"], told["cause"]) == (200, False, "blocked-address")
    assert bearing(Scope.READ, NOW).post(f"/api/v1/monitors/{one.id}/check").status_code == 403


def test_what_cannot_be_tried_is_refused(house: MemoryPorts) -> None:
    with pytest.raises(Invalid, match="heard of"):
        service.try_now(SYSTEM, 0, MonitorDraft(name="job", kind="heartbeat", config=Config()))
    with pytest.raises(Invalid, match="checked by tcp"):
        service.try_now(SYSTEM, 0, asking(url="tcp://a.example:1"))
