"""Post-mortems: begun, written, read by somebody else, published; and what follows from them."""

import pytest
from django.test import Client
from tests.support.rooms import NOW
from tests.unit.incidents_learning.conftest import incident, person

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Role
from vedette.core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from vedette.incidents import service as incidents
from vedette.incidents.models import AttachedRow, EntryRow
from vedette.incidents.postmortem import keeping, reminding
from vedette.incidents.postmortem.types import PostMortemRules
from vedette.incidents.types import EntryDraft, EntryKind, PostMortemState, TaskKind
from vedette.instruments import printing
from vedette.notify import service as notify
from vedette.plumbing.testing import MemoryPorts


def test_from_draft_to_published(house: MemoryPorts) -> None:
    mira, jonas, number = person("Mira"), person("Jonas"), incident(resolved_at=NOW)
    paper = keeping.begin(mira, number, NOW)
    assert (paper.state, paper.author, paper.facts["impact"]) == (PostMortemState.DRAFT, "Mira", 600)
    with pytest.raises(Conflict, match="already"):
        keeping.begin(mira, number, NOW)
    with pytest.raises(Forbidden, match="Nobody reviewed"):
        keeping.publish(jonas, number, NOW)
    saved = keeping.save(mira, number, "# What happened", NOW, NOW + 1)
    with pytest.raises(Conflict, match="meanwhile"):
        keeping.save(jonas, number, "# Mine", NOW, NOW + 2)
    with pytest.raises(Invalid):
        keeping.save(mira, number, " ", saved.updated_at, NOW + 2)
    keeping.ask_review(mira, number, NOW + 3)
    with pytest.raises(Forbidden, match="Somebody else"):
        keeping.publish(mira, number, NOW + 4)
    published = keeping.publish(jonas, number, NOW + 5)
    assert (published.state, published.author, published.reviewer) == (
        PostMortemState.PUBLISHED,
        "Mira",
        "Jonas",
    )
    with pytest.raises(Conflict, match="take it back"):
        keeping.save(mira, number, "# Other", published.updated_at, NOW + 6)
    assert keeping.take_back(mira, number, NOW + 7).published_at is None
    assert list(EntryRow.objects.order_by("id").values_list("text", flat=True)) == [
        "began the post-mortem", "asked for a review of the post-mortem", "published the post-mortem",
        "made the post-mortem a draft again",
    ]  # fmt: skip
    assert len(accounts.audit_page(action="postmortem.").entries) == 5


def test_a_reviewer_who_writes_is_no_reviewer(house: MemoryPorts) -> None:
    mira, jonas, number = person("Mira"), person("Jonas"), incident()
    keeping.begin(mira, number, NOW)
    asked = keeping.ask_review(mira, number, NOW + 1)
    changed = keeping.save(jonas, number, "# Otherwise", asked.updated_at, NOW + 2)
    assert changed.state is PostMortemState.DRAFT
    keeping.ask_review(jonas, number, NOW + 3)
    with pytest.raises(Forbidden):
        keeping.publish(jonas, number, NOW + 4)
    assert keeping.publish(mira, number, NOW + 5).author == "Jonas"


def test_who_is_alone_publishes_alone_and_rules_may_say_so(house: MemoryPorts) -> None:
    mira = person("Mira", Role.OWNER)
    keeping.begin(mira, (number := incident()), NOW)
    assert keeping.publish(mira, number, NOW + 1).state is PostMortemState.PUBLISHED
    jonas = person("Jonas")
    keeping.set_rules(mira, PostMortemRules(reviewed=False, per_minute=10, currency="SEK"), NOW)
    keeping.begin(jonas, (other := incident(resolved_at=NOW)), NOW)
    assert "about 100 SEK" in getattr(keeping.find(other), "text", "")
    assert keeping.publish(jonas, other, NOW + 1).facts["money"] == 100
    with pytest.raises(Forbidden):
        keeping.set_rules(jonas, PostMortemRules(), NOW)
    with pytest.raises(Invalid) as refused:
        keeping.set_rules(mira, PostMortemRules(per_minute=-1, currency=""), NOW)
    assert set(refused.value.fields) == {"per_minute", "currency"}


def test_who_may_not(house: MemoryPorts) -> None:
    ann = person("Ann", Role.VIEWER)
    with pytest.raises(Forbidden):
        keeping.begin(ann, incident(), NOW)
    with pytest.raises(NotFound):
        keeping.ask_review(person("Mira"), incident(), NOW)


def test_it_is_filled_again(house: MemoryPorts) -> None:
    mira, number = person("Mira"), incident()
    keeping.begin(mira, number, NOW)
    incidents.note(mira, number, "It was the cable.", NOW + 5)
    assert "It was the cable." in keeping.refill(mira, number, NOW + 9).text


def test_people_are_reminded_when_due_and_each_week_after(house: MemoryPorts) -> None:
    mira, number = person("Mira"), incident()
    notify.create_own(mira, "webhook", "mine", {"url": "https://hooks.example/"}, NOW)
    task = incidents.add_task(mira, number, "Make the key unique", NOW, mira.id, NOW + 60, TaskKind.ACTION)
    incidents.add_task(mira, number, "Of nobody", NOW, None, NOW + 60, TaskKind.ACTION)
    assert reminding.remind(NOW) == 0
    assert reminding.remind(NOW + 60) == 1
    assert reminding.remind(NOW + 3_600) == 0
    assert reminding.remind(NOW + 60 + 7 * 86_400) == 1
    told = notify.deliveries(owner=mira.id).deliveries
    assert [each.title for each in told] == ["To do: Make the key unique"] * 2
    incidents.finish_task(mira, number, task.id, NOW)
    assert reminding.remind(NOW + 60 + 20 * 86_400) == 0


def test_who_wants_quiet_is_asked_again_later(house: MemoryPorts) -> None:
    from vedette.notify.types import Preferences

    mira, number = person("Mira"), incident()
    notify.create_own(mira, "webhook", "mine", {"url": "https://hooks.example/"}, NOW)
    notify.set_preferences(mira, Preferences(quiet_until=NOW + 7_200), NOW)
    incidents.add_task(mira, number, "Later", NOW, mira.id, NOW, TaskKind.ACTION)
    assert reminding.remind(NOW + 1) == 0
    assert reminding.remind(NOW + 7_201) == 1


def test_the_pages(web: Client, house: MemoryPorts) -> None:
    number = incident(title="Checkout <fails>", resolved_at=NOW)
    base = f"/incidents/{number}/"
    assert "has no post-mortem yet" in web.get(f"{base}post-mortem/").content.decode()
    assert web.get(f"{base}post-mortem.md").status_code == 404
    assert web.post(f"{base}post-mortem/act/", {"act": "begin"}).status_code == 302
    page = web.get(f"{base}post-mortem/").content.decode()
    assert "is a draft" in page
    assert "Checkout &lt;fails&gt;" in page
    form = {"text": "# Now\n\n<script>alert(1)</script>", "version": repr(NOW)}
    shown = web.post(f"{base}post-mortem/edit/", {**form, "act": "preview"}).content.decode()
    assert "<h2>Now</h2>" in shown
    assert "<script>alert" not in shown
    assert web.post(f"{base}post-mortem/edit/", {**form, "version": "1.0"}).status_code == 422
    assert web.post(f"{base}post-mortem/edit/", form).status_code == 302
    assert web.get(f"{base}post-mortem.md").content.decode() == form["text"]
    whole = web.get(f"{base}post-mortem.html")
    assert whole.headers["Content-Disposition"] == f'attachment; filename="INC-{number}-post-mortem.html"'
    assert "<script>alert" not in whole.content.decode()
    assert web.post(f"{base}actions/add/", {"text": "", "due_at": "x"}).status_code == 422
    assert web.post(f"{base}actions/add/", {"text": "Unique key", "due_at": "2025-01-02"}).status_code == 302
    listed = web.get("/incidents/actions/").content.decode()
    assert "1 action item is late, of 1 open" in listed
    task = incidents.open_tasks(TaskKind.ACTION)[0]
    done = web.post(f"{base}actions/{task.id}/finish/", {"next": "//evil.example/"})
    assert done.headers["Location"] == f"{base}post-mortem/#actions"
    back = web.post(f"{base}actions/{task.id}/finish/", {"done": "no", "next": "/incidents/actions/"})
    assert back.headers["Location"] == "/incidents/actions/"
    assert web.post(f"{base}post-mortem/act/", {"act": "publish"}).status_code == 302
    assert "is not finished" not in web.get("/incidents/post-mortems/").content.decode()
    rules = {"currency": "EUR", "per_minute": "1", "per_request": "0"}
    assert web.post("/incidents/post-mortems/settings/", rules).status_code == 302
    assert web.post("/incidents/post-mortems/settings/", {**rules, "per_minute": "-1"}).status_code == 422


def test_without_chromium_it_says_what_to_do() -> None:
    assert not printing.chromium("/nowhere/chromium")
    with pytest.raises(Unavailable, match="install the Debian package chromium"):
        printing.pdf("<html><head></head></html>", "/nowhere/chromium")
    with pytest.raises(ValueError, match="head"):
        printing.pdf("<p>x", "")


@pytest.mark.deep
@pytest.mark.browser
def test_it_is_printed(web: Client, house: MemoryPorts) -> None:
    number = incident(resolved_at=NOW)
    web.post(f"/incidents/{number}/post-mortem/act/", {"act": "begin"})
    answer = web.get(f"/incidents/{number}/post-mortem.pdf")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-1.")
    assert len(answer.content) > 5_000


def test_what_viewers_do_not_read_stands_in_no_draft_unless_pinned(house: MemoryPorts) -> None:
    mira, number = person("Mira"), incident()
    lines = [
        EntryDraft(
            at=NOW, kind=EntryKind.HOST, text="db-1 is silent", source="h", tone="crit", subject="db-1"
        ),
        EntryDraft(at=NOW, kind=EntryKind.BAN, text="banned 203.0.113.9", source="b"),
    ]
    for line in lines:
        incidents.entry_added(number, line, NOW)
    ban = next(each for each in incidents.entries(number) if each.kind is EntryKind.BAN)
    incidents.annotate(mira, number, ban.id, "seen", NOW)
    AttachedRow.objects.create(
        incident_id=number, fingerprint="a", title="x", link="/", severity="high", starts=NOW, labels={"host": "db-1"}
    )  # fmt: skip
    assert incidents.likely_causes(
        incidents.incident(number), incidents.entries(number), incidents.alerts_of(number)
    )
    text = keeping.begin(mira, number, NOW).text
    assert "db-1 is" not in text
    assert "db\\-1" not in text
    assert "203.0.113.9" not in text
    incidents.pin(mira, number, ban.id, NOW)
    assert "203.0.113.9" in keeping.refill(mira, number, NOW + 1).text
