"""Deploys on pages: what came with a version, lines in charts, and issues that name what they came after."""

from django.test import Client
from tests.unit.errors_pages.conftest import Happen, an_error

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock
from vedette.deploys import service as deploys
from vedette.deploys.types import DeployDraft
from vedette.errors import service
from vedette.errors.types import Resolve
from vedette.projects.types import Project
from vedette.signals import service as signals


def went_out(project: Project, version: str, clock: ManualClock, ago: float = 0.0) -> None:
    draft = DeployDraft(version=version, environment="production", finished=clock.now() - ago)
    deploys.record(SYSTEM, project, draft, clock.now())


def page(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode().replace("\u00a0", " ")


def test_an_issue_names_the_deploy_it_came_after(
    member: Client, happen: Happen, shop: Project, clock: ManualClock
) -> None:
    went_out(shop, "2.1", clock, 840)
    issue = happen(an_error())
    shown = page(member, f"/issues/{issue.short_id}/")
    assert "deployed 14 min before" in shown
    assert 'href="/deploys/2.1/?project=shop"' in shown
    assert "First seen 14 min after shop 2.1" in shown
    assert "<td>shop 2.1 went out to production</td>" in shown, "the table tells the line of the chart"


def test_what_came_back_names_the_deploy_in_history_and_signal(
    member: Client, happen: Happen, shop: Project, clock: ManualClock
) -> None:
    issue = happen(an_error())
    service.act(SYSTEM, [issue.short_id], Resolve(), clock.now())
    clock.forward(60)
    went_out(shop, "2026.11.24-3", clock)
    clock.forward(180)
    happen({**an_error(), "release": "2026.11.24-3"})
    told = signals.after(0, 10)[-1].signal
    assert told.text.replace("\u00a0", " ").endswith("\n3 min after shop 2026.11.24-3.")
    assert told.annotations["after"].replace("\u00a0", " ") == "3 min after shop 2026.11.24-3"
    assert "Came back 3 min after shop 2026.11.24-3" in page(member, f"/issues/{issue.short_id}/")


def test_a_release_known_from_events_alone_counts_too(
    member: Client, happen: Happen, clock: ManualClock
) -> None:
    happen(an_error())
    clock.forward(120)
    issue = happen(an_error("KeyError", "sku"))
    assert "First seen 2 min after shop 2.1 was first heard of" in page(member, f"/issues/{issue.short_id}/")
    assert "first heard of 2 min before" in page(member, f"/issues/{issue.short_id}/")
    assert "Heard of in events only" in page(member, "/deploys/")
    assert "shop 2.1 was first heard of" in page(member, "/deploys/2.1/")


def test_the_list_says_what_came_of_each(
    member: Client, happen: Happen, shop: Project, clock: ManualClock
) -> None:
    went_out(shop, "2.0", clock, 7200)
    went_out(shop, "2.1", clock)
    clock.forward(60)
    for kind in ("KeyError", "TypeError"):
        happen(an_error(kind, "sku"))
    clock.forward(780)
    shown = page(member, "/deploys/")
    assert "shop 2.1 went out 14 min ago; 2 new issues since." in shown
    assert shown.count("nothing new") == 1
    assert "<td>shop 2.1 went out to production" in page(member, "/deploys/?project=shop")


def test_a_version_shows_its_issues_and_the_events_before_and_after(
    member: Client, happen: Happen, shop: Project, clock: ManualClock
) -> None:
    old = happen(an_error("OldError", "before"))
    clock.forward(600)
    went_out(shop, "2.1", clock)
    clock.forward(120)
    new = happen(an_error("KeyError", "sku"))
    happen(an_error("OldError", "before"))
    clock.forward(120)
    other = happen({**an_error("ClientError", "old client"), "release": "1.0"})
    shown = page(member, "/deploys/2.1/")
    assert "; 2 new issues since.</h1>" in shown
    assert "2 events in the 4 min after, 0 in the 4 min before." in shown
    assert f"/issues/{new.short_id}/" in shown
    assert f"/issues/{old.short_id}/" not in shown
    assert f"/issues/{other.short_id}/" in shown
    assert "in 1.0</small>" in shown, "its release is another, and the row says so"
    went_out(shop, "2.2", clock)
    clock.forward(120)
    assert "until the next one" in page(member, "/deploys/2.1/")
    assert member.get("/deploys/9.9/").status_code == 404


def test_a_version_with_a_slash_has_its_page(member: Client, shop: Project, clock: ManualClock) -> None:
    went_out(shop, "web/1.0 beta", clock)
    assert 'href="/deploys/web%2F1.0%20beta/?project=shop"' in page(member, "/deploys/")
    assert "web/1.0 beta" in page(member, "/deploys/web%2F1.0%20beta/?project=shop")


def test_the_overview_draws_the_deploy(
    member: Client, happen: Happen, shop: Project, clock: ManualClock
) -> None:
    happen(an_error())
    went_out(shop, "2026.11.24-3", clock, 600)
    shown = page(member, "/")
    assert "shop 2026.11.24-3</text>" in shown
    assert "shop 2026.11.24-3 went out to production" in shown


def test_a_viewer_reads_and_makes_no_secret(viewer: Client, shop: Project) -> None:
    assert "An administrator can make the secret." in page(viewer, "/settings/projects/shop/deploys/")
    assert viewer.post("/settings/projects/shop/deploys/secret/").status_code == 403
