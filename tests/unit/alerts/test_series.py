"""The catalogue of series by REST, and that each series there is keeps its word."""

import pytest
from django.test import Client

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock, iso, utc_day
from vedette.notify import service as notify
from vedette.notify.types import Notice
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.projects.types import UsageCount
from vedette.signals import service as signals

pytestmark = pytest.mark.django_db
API = "/api/v1/series"
NAMES = [
    "errors.by_release",
    "errors.events",
    "errors.seen",
    "intake.items",
    "notify.notices",
    "signals.published",
]


def test_every_room_has_its_series_in_the_catalogue(reader: Client) -> None:
    found = {each["name"]: each for each in reader.get(API).json()["items"]}
    assert set(NAMES) <= found.keys()
    for name in NAMES:
        assert found[name]["about"].endswith(".")
        assert found[name]["labels"]
    assert found["intake.items"]["finest"] == 86_400


@pytest.mark.parametrize("name", NAMES)
def test_values_and_totals_agree(name: str, ports: MemoryPorts, clock: ManualClock) -> None:
    fill(ports, clock)
    series = signals.catalogue()[name]
    start, step = clock.now() // 86_400 * 86_400, max(3_600.0, series.finest)
    assert series.totals is not None
    rows = series.totals((), {}, start, start + 86_400)
    values = series.read({}, start, start + 86_400, step)
    assert len(values) == 86_400 / step
    assert sum(n for _, n in rows) == sum(values)


def fill(ports: MemoryPorts, clock: ManualClock) -> None:
    shop = projects.create_project(SYSTEM, "Shop", "python", clock.now())
    projects.add_usage([UsageCount(shop.id, utc_day(clock.now()), "event", "accepted", 7)])
    mail = notify.create_channel(SYSTEM, "email", "Mail", {"recipients": "a@b.example"}, 1.0)
    notice = Notice(
        title="t", text="", severity="high", link="/", at=clock.now(), project="", state="info", labels={}
    )
    notify.queue(mail.id, notice, "k", clock.now())


def test_values_are_read_by_label_and_time(reader: Client, ports: MemoryPorts, clock: ManualClock) -> None:
    fill(ports, clock)
    end = iso(clock.now() + 86_400)
    found = reader.get(
        f"{API}/intake.items", {"step": 60, "end": end, "label": ["type=event", "outcome=accepted"]}
    )
    assert found.status_code == 200, found.content
    body = found.json()
    assert body["step"] == 86_400, "no finer than it is counted"
    assert sum(body["values"]) == 7
    notices = reader.get(
        f"{API}/notify.notices", {"end": end, "start": iso(clock.now() - 60), "label": "state=sent"}
    )
    assert sum(notices.json()["values"]) == 0
    queued = reader.get(
        f"{API}/notify.notices", {"end": end, "start": iso(clock.now() - 60), "label": "state=queued"}
    )
    assert sum(queued.json()["values"]) == 1


@pytest.mark.parametrize(
    ("path", "query", "status", "said"),
    [
        ("nobody.knows", {}, 404, "There is no series 'nobody.knows'"),
        (
            "errors.events",
            {"label": "planet=mars"},
            422,
            "write name=value with one of project, issue, level",
        ),
        ("errors.events", {"start": "yesterday"}, 422, "Write it as 2026-11-24T02:14:00Z."),
        ("errors.events", {"start": "2020-01-01", "step": 60}, 422, "1 to 5000 steps before the end."),
    ],
)
def test_what_is_wrong_is_said(
    reader: Client, path: str, query: dict[str, str], status: int, said: str
) -> None:
    answer = reader.get(f"{API}/{path}", query)
    assert answer.status_code == status
    assert said in answer.content.decode()
