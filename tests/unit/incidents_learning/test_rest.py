"""Runbooks, post-mortems and metrics over REST."""

from typing import Any

from django.test import Client
from tests.support.rooms import NOW
from tests.unit.incidents_learning.conftest import incident

from vedette.plumbing.testing import MemoryPorts

TEXT = "- [ ] Look\n- [ ] Drain\n  webhook: https://hooks.example/drain (destructive)"


def ask(web: Client, method: str, path: str, body: object = None) -> Any:
    answer = getattr(web, method)(f"/api/v1{path}", body, content_type="application/json")
    assert answer.status_code < 300, answer.content
    return answer.json() if answer.content else None


def test_a_runbook_and_its_steps(web: Client, house: MemoryPorts) -> None:
    draft = {"slug": "drain", "name": "Drain", "text": TEXT, "secret": "x", "matchers": "team=db"}
    made = ask(web, "post", "/runbooks", draft)
    assert (made["signed"], made["matchers"], made["steps"][1]["destructive"]) == (True, 'team="db"', True)
    assert ask(web, "put", "/runbooks/drain", {**draft, "name": "Other", "secret": None})["signed"]
    number = incident()
    look, drain = ask(web, "put", f"/incidents/{number}/runbooks/drain")["items"]
    assert ask(web, "put", f"/incidents/{number}/steps/{look['id']}/tick")["state"] == "done"
    assert ask(web, "delete", f"/incidents/{number}/steps/{look['id']}/tick")["state"] == "todo"
    unsure = web.post(
        f"/api/v1/incidents/{number}/steps/{drain['id']}/run", {}, content_type="application/json"
    )
    assert unsure.status_code == 409
    assert (
        ask(web, "post", f"/incidents/{number}/steps/{drain['id']}/run", {"sure": True})["result"]
        == "HTTP 204"
    )
    ask(web, "delete", f"/incidents/{number}/runbooks/drain")
    ask(web, "delete", "/runbooks/drain")
    assert ask(web, "get", "/runbooks") == {"items": [], "cursor": None}


def test_a_post_mortem_and_the_metrics(web: Client, house: MemoryPorts) -> None:
    path = f"/incidents/{incident(resolved_at=NOW)}/post-mortem"
    made = ask(web, "post", path)
    assert ask(web, "put", path, {"text": "# Now", "version": made["version"]})["text"] == "# Now"
    assert ask(web, "post", f"{path}/review")["state"] == "review"
    assert ask(web, "post", f"{path}/publish")["state"] == "published"
    assert ask(web, "get", path)["facts"]["impact"] == 600
    assert ask(web, "get", "/incident-metrics")["months"][-1]["total"] == 1
