"""The words of notices: what the language does, where it says it is wrong, and that a bad template loses nothing."""

import msgspec
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.core.clock import ManualClock
from vedette.core.errors import Forbidden, Invalid, NotFound
from vedette.notify import rendering, service, wording
from vedette.notify.models import TemplateRow
from vedette.notify.parsing import parsed
from vedette.notify.types import Notice, Told, Wording
from vedette.plumbing.testing import MemoryPorts

HOME = "/settings/notifications/templates/"
API = "/api/v1/templates"
VIEWER = Actor(ActorKind.USER, 9, "Vic", Role.VIEWER)
NOTICE = msgspec.structs.replace(
    wording.sample("https://v.example", 0.0),
    labels={"subject": "SHOP-4F", "service.name": "shop", "evil": "{{ title }}"},
)


def said(text: str, notice: Notice = NOTICE) -> str:
    return rendering.render(parsed(text), rendering.values_of(notice))


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("", ""),
        ("plain } text {", "plain } text {"),
        ("{{ severity }}/{{state}}", "high/firing"),
        ("{{ labels.subject }} {{ labels.service.name }} {{ labels.none }}.", "SHOP-4F shop ."),
        ("{{ labels.evil }}", "{{ title }}"),
        ("{{ annotations.summary }}", "ZeroDivisionError: division by zero"),
        ("{% if resolved %}over{% else %}on{% endif %}", "on"),
        ("{% if not resolved %}on{% endif %}", "on"),
        (
            '{% if severity == "low" %}a{% elif severity == "high" %}b{% elif project %}c{% else %}d{% endif %}',
            "b",
        ),
        ('{% if severity != "low" %}a{% endif %}', "a"),
        ('{% if not severity != "low" %}a{% endif %}', ""),
        (
            "{% for one in alerts %}\n{{ one.labels.subject }} {{ one.state }}\n{% endfor %}\nend",
            "SHOP-4F firing\nend",
        ),
        (
            "{% for a in alerts %}{% if a.resolved %}x{% else %}{{ labels.subject }}{% endif %}{% endfor %}",
            "SHOP-4F",
        ),
        ("{{ time }}", "1970-01-01T00:00:00.000Z"),
        ("{{ alerts }}{{ labels }}{{ resolved }}", ""),
    ],
)
def test_what_the_language_does(source: str, wanted: str) -> None:
    assert said(source) == wanted


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("{{ nothing }}", r"Line 1, column 1: there is no “nothing”"),
        ("a\nbc {{ title.__class__ }}{{ x }}", r"Line 2, column 25: there is no “x”"),
        ("{{ alert.link }}", r"there is no “alert.link”"),
        ("{{ title|safe }}", r"there is no “title|safe”"),
        ("{{ title", r"Line 1, column 1: “{{” is not closed"),
        ("ab\n {% if x", r"Line 2, column 2: “{%” is not closed"),
        ("{% if resolved %}", r"“endif” is missing"),
        ("{% if %}{% endif %}", r"“if” is none of"),
        ("{% if a b %}{% endif %}", r"is no condition"),
        ("{% endif %}", r"“endif” is out of place"),
        ("{% if resolved %}{% else %}{% else %}{% endif %}", r"column 28: “else” is out of place"),
        ("{% for a in labels %}{% endfor %}", r"is none of"),
        ("{% for a in alerts %}{% for b in alerts %}{% endfor %}{% endfor %}", r"loops do not nest"),
        ("{% include 'x' %}", r"is none of"),
        ("{% if resolved %}" * 12, r"nest at most 10 deep"),
        ("x" * 10_001, r"at most 10000"),
    ],
)
def test_an_error_says_where(source: str, wrong: str) -> None:
    with pytest.raises(Invalid, match=wrong.replace("|", r"\|")):
        parsed(source)


@given(st.text(alphabet=st.sampled_from('{}% ifelsndor"=titlabx.\n'), max_size=80))
def test_whatever_is_written_is_read_or_refused(source: str) -> None:
    try:
        nodes = parsed(source)
    except Invalid:
        return
    rendering.render(nodes, rendering.values_of(NOTICE))


def test_loops_and_output_are_bounded() -> None:
    told = Told(labels={}, annotations={}, state="firing", fingerprint="x", starts=0.0, ends=None, link="l")
    many = msgspec.structs.replace(NOTICE, alerts=(told,) * 50, text="x" * 1_500)
    assert said("{% for a in alerts %}.{% endfor %}", many) == "." * 20
    with pytest.raises(Invalid, match="20000"):
        said("{% for a in alerts %}{{ text }}{% endfor %}", many)


@pytest.mark.django_db
def test_a_kinds_own_words_come_before_those_of_all(ports: MemoryPorts, clock: ManualClock) -> None:
    hook = service.create_channel(SYSTEM, "webhook", "Hook", {"url": "https://hooks.example/x"}, 1.0)
    service.set_wording(SYSTEM, "all", Wording(title="[{{ severity }}]\n{{ title }}"), 1.0)
    service.queue(hook.id, NOTICE, "k1", clock.now())
    service.deliver_due(clock.now())
    service.set_wording(SYSTEM, "webhook", Wording(text="{{ receiver }}: {{ labels.subject }}"), 1.0)
    service.queue(hook.id, NOTICE, "k2", clock.now())
    service.deliver_due(clock.now())
    service.reset_wording(SYSTEM, "webhook", 1.0)
    service.reset_wording(SYSTEM, "all", 1.0)
    service.queue(hook.id, NOTICE, "k3", clock.now())
    service.deliver_due(clock.now())
    told = [msgspec.json.decode(request.body)["vedette"] for request in ports.net.requests]
    assert [(one["title"], one["text"]) for one in told] == [
        (f"[high] {NOTICE.title}", NOTICE.text), (NOTICE.title, "Hook: SHOP-4F"), (NOTICE.title, NOTICE.text),
    ]  # fmt: skip
    assert [entry.action for entry in accounts.audit_page().entries][:4] == [
        "template.reset", "template.reset", "template.update", "template.update",
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("bad", ["{{ gone }}", "{{ text }}" * 900])
def test_a_template_that_fails_falls_back_and_says_so(
    ports: MemoryPorts, clock: ManualClock, bad: str
) -> None:
    TemplateRow.objects.create(kind="all", title="", text=bad)
    hook = service.create_channel(SYSTEM, "webhook", "Hook", {"url": "https://hooks.example/x"}, 1.0)
    service.queue(hook.id, msgspec.structs.replace(NOTICE, text="Boom " * 50), "k", clock.now())
    service.deliver_due(clock.now())
    text = msgspec.json.decode(ports.net.requests[0].body)["vedette"]["text"]
    assert text.startswith("Boom Boom")
    assert "The template failed, these are the default words: " in text.splitlines()[-1]
    (delivery,) = service.deliveries().deliveries
    assert delivery.detail.startswith("HTTP 204. The template failed")


@pytest.mark.django_db
def test_only_who_may_write_channels_may_write_words(ports: MemoryPorts) -> None:
    for act in (
        lambda: service.set_wording(VIEWER, "all", Wording(), 1.0),
        lambda: service.reset_wording(VIEWER, "all", 1.0),
        lambda: service.preview(VIEWER, "all", Wording(), 1.0),
    ):
        with pytest.raises(Forbidden):
            act()
    with pytest.raises(NotFound):
        service.set_wording(SYSTEM, "pigeon", Wording(), 1.0)


@pytest.mark.django_db
def test_the_page_previews_keeps_and_resets(web: Client, ports: MemoryPorts, clock: ManualClock) -> None:
    assert "Every notice is told in the default words." in web.get(HOME).content.decode()
    form = {"title": "<b>{{ title }}", "text": "{{ labels.subject }}"}
    page = web.post(f"{HOME}ntfy/", {**form, "act": "preview"}).content.decode()
    assert "&lt;b&gt;ZeroDivisionError" in page
    assert "<pre>SHOP-4F</pre>" in page
    assert service.wordings() == {}
    answer = web.post(f"{HOME}ntfy/", {"title": "", "text": "a\r\n{{ x }}", "act": "save"})
    assert answer.status_code == 422
    assert "Line 2, column 1: there is no “x”" in answer.content.decode()
    assert web.post(f"{HOME}ntfy/", {**form, "last": "on", "act": "preview"}).status_code == 422
    hook = service.create_channel(SYSTEM, "webhook", "Hook", {"url": "https://hooks.example/x"}, 1.0)
    service.queue(hook.id, msgspec.structs.replace(NOTICE, title="Real"), "k", clock.now())
    page = web.post(f"{HOME}all/", {**form, "last": "on", "act": "preview"}).content.decode()
    assert "&lt;b&gt;Real" in page
    assert web.post(f"{HOME}ntfy/", {**form, "act": "save"}).status_code == 302
    assert service.wording("ntfy") == Wording(title=form["title"], text=form["text"])
    assert "1 template of your own" in web.get(HOME).content.decode()
    assert web.post(f"{HOME}ntfy/", {"act": "reset"}).status_code == 302
    assert service.wordings() == {}
    assert web.get(f"{HOME}pigeon/").status_code == 404


@pytest.mark.django_db
def test_the_same_in_the_api(web: Client) -> None:
    body = {"title": "{{ title }}!", "text": ""}
    made = web.put(f"{API}/slack", body, content_type="application/json")
    assert made.json() == {**body, "kind": "slack"}
    assert web.get(API).json() == {"items": [made.json()], "cursor": None}
    shown = web.post(f"{API}/slack/preview", body, content_type="application/json").json()
    assert shown["title"] == "ZeroDivisionError: division by zero!"
    assert web.put(f"{API}/slack", {"text": "{{ x }}"}, content_type="application/json").status_code == 422
    assert web.delete(f"{API}/slack").status_code == 204
    assert web.get(API).json()["items"] == []
