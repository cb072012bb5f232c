"""hcloud's own client passes through everything that the fake answers, and finds its shapes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.support.hetzner import Hetzner, hetzner
from tests.support.hetzner_walk import walk
from tests.support.openapi_shapes import Shapes, below

from vedette.instruments.hetzner.fake import routing

KINDS = (
    "actions", "certificates", "datacenters", "firewalls", "floating_ips", "images", "isos", "load_balancer_types", "load_balancers",
    "locations", "networks", "placement_groups", "pricing", "primary_ips", "server_types", "servers", "ssh_keys",
    "volumes", "zones",
)  # fmt: skip
# What hcloud 2.27 asks for otherwise than the document says.
FROM_THE_CLIENT = {
    "POST /servers: ssh_keys/0: 1010 is not of type 'string'",
    "POST /primary_ips: : 'assignee_type' is a required property",
}
# What hcloud 2.27 needs and the document, older than that, does not know or has otherwise.
NEWER = {("GET", "/networks/{id}/members"), ("DELETE", "/load_balancers/{id}")}


@pytest.fixture(scope="module")
def walked() -> Iterator[Hetzner]:
    with hetzner(step=1) as here:
        walk(here.client())
        yield here


def test_every_path_is_walked(walked: Hetzner) -> None:
    routes = {handler: f"{method} {path}" for method, path, handler in routing.routes()}
    seen = {f"{call.method} {_template(call.method, call.path)}" for call in walked.asked()}
    assert set(routes.values()) - seen == set()


def _template(method: str, path: str) -> str:
    return next(
        template
        for wanted, template, _ in routing.routes()
        if wanted == method and routing.open_parts(template, path.strip("/").split("/")) is not None
    )


def test_nothing_is_left_behind(walked: Hetzner) -> None:
    state = walked.fake.state
    walked.clock.forward(60)
    walked.fake.settle()
    tables = (state.servers, state.volumes, state.primary_ips, state.networks, state.firewalls, state.zones)
    assert [len(table) for table in tables] == [0] * len(tables)
    assert {action.status for action in state.actions.values()} <= {"success", "error"}


def test_nothing_was_refused(walked: Hetzner) -> None:
    assert [one for one in walked.fake.asked if one.reply.status >= 400] == []


@pytest.fixture(scope="module")
def document(corpora: Path) -> dict[str, Any]:
    text = (corpora / "hetzner/hcloud-openapi.json").read_bytes()
    found: dict[str, Any] = msgspec.json.decode(text)
    return found


@pytest.mark.corpus
def test_what_was_asked_and_answered_has_the_shapes_of_the_api(
    walked: Hetzner, document: dict[str, Any]
) -> None:
    shapes, faults = Shapes(document), set()
    for one in walked.fake.asked:
        call, template = one.call, shapes.template(one.call.method, one.call.path)
        if template is None or (call.method, template) in NEWER:
            assert template or (call.method, _template(call.method, call.path)) in NEWER
            continue
        body = msgspec.json.decode(msgspec.json.encode(one.reply.body))
        wrong = shapes.faults_of_answer(call.method, template, one.reply.status, body)
        wrong += shapes.faults_of_request(call.method, template, call.body)
        faults |= {f"{call.method} {template}: {fault}" for fault in wrong}
    assert {re.sub(r"\d{4}", "1010", fault) for fault in faults} == FROM_THE_CLIENT


@pytest.mark.corpus
def test_every_operation_of_the_kinds_is_served(document: dict[str, Any]) -> None:
    served = {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path, _ in routing.routes()}
    known = {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path in below(document, *KINDS)}
    assert known - served == set()
    assert served - known == {("GET", "/networks/{}/members")}
