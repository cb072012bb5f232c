"""What each service is told: how urgent, how long, escaped how; and that no error shows a secret."""

import dataclasses
import json
from collections.abc import Iterator
from urllib.parse import parse_qsl

import msgspec
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import services

from vedette.core.errors import Invalid
from vedette.notify.channels import registry
from vedette.notify.channels.apprise import guard
from vedette.notify.channels.cutting import MARK, cut, utf8, utf16
from vedette.notify.channels.gateway import filling
from vedette.notify.channels.ntfy.message import message as ntfy_message
from vedette.notify.channels.opsgenie.message import alert
from vedette.notify.channels.pagerduty.message import event
from vedette.notify.channels.slack.message import message as slack_message
from vedette.notify.channels.telegram.message import message as telegram_message
from vedette.notify.types import Action, Channel, ChannelError, Notice
from vedette.plumbing.net.client import NetClient
from vedette.plumbing.net.memory import MemoryNet, Request
from vedette.plumbing.net.port import NetError, Response
from vedette.plumbing.ports import install
from vedette.plumbing.testing import memory_ports

NASTY = st.text(alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("<&>😀\n")))
NOTICE = Notice(title="Boom", text="in cart", severity="high", link="https://v.example/issues/A-1/", at=0.0)
SECRETS = {
    "ntfy": {"server": "https://ntfy.example", "topic": "hush-topic", "token": "tk_hush"},
    "slack": {"url": "https://hooks.slack.example/services/T01234567/B01234567/hushhushhush"},
    "slack_bot": {"channel": "#a", "token": "xoxb-hush-hush-hush"},
    "telegram": {"chat": "-1001", "token": "123456:hush-hush-hush-hush-hush"},
    "pagerduty": {"key": "hush" * 8},
    "opsgenie": {"region": "US", "key": "hush-hush-hush"},
    "gateway": {
        "method": "POST",
        "url": "https://sms.example/?k={secret}",
        "secret": "anna:hushword",
        "form": "json",
        "headers": "Authorization: Basic {basic}",
        "body": '{"text": "{text}", "as": "{basic}"}',
        "expect": "success",
    },
    "apprise": {"url": "json://anna:hushword@hook.example/hush-token"},
}


GATEWAY = SECRETS["gateway"]


@pytest.fixture
def apprise() -> Iterator[None]:
    """Give `requests` its own session back after the test."""
    kept = requests.Session
    yield
    requests.Session = requests.sessions.Session = kept  # type: ignore[misc]
    guard.load.cache_clear()


def outcome(channel: Channel, config: dict[str, str]) -> tuple[str, bool | None]:
    """Return the words of a send, and whether its error is permanent (None when there was none)."""
    try:
        return channel.send(NOTICE, config, "k").detail, None
    except ChannelError as error:
        return str(error), error.permanent


@given(NASTY, st.integers(min_value=len(MARK) + 4, max_value=200))
@pytest.mark.parametrize("size", [len, utf8, utf16])
def test_a_cut_text_fits_and_says_so(size, text: str, most: int) -> None:  # type: ignore[no-untyped-def]
    shown = cut(text, most, size)
    assert size(shown) <= most
    assert shown == text if size(text) <= most else shown.endswith(MARK)
    assert (
        size(text) <= most or size(shown) > most - 12 or text[: len(shown)].isspace() or shown.endswith(MARK)
    )


def notices() -> st.SearchStrategy[Notice]:
    long = st.one_of(NASTY, NASTY.map(lambda text: (text or "x<") * 3_000))
    return st.builds(
        Notice, title=NASTY.map(lambda text: text or "x"), text=long, severity=st.sampled_from(["info", "low", "high", "critical"]),
        link=st.just(NOTICE.link), at=st.just(0.0), project=st.sampled_from(["", "shop"]),
        state=st.sampled_from(["firing", "info", "resolved"]), reason=long,
    )  # fmt: skip


@given(notices())
@settings(deadline=None)  # a long text is cut for each of them
def test_whatever_the_notice_each_service_takes_it(notice: Notice) -> None:
    told = {
        services.Ntfy: ("/", ntfy_message(notice, "topic", "key")),
        services.SlackHook: ("/services/x", slack_message(notice)),
        services.PagerDuty: ("/v2/enqueue", event(notice, services.PagerDuty.KEY, "key")),
        services.Opsgenie: ("/v2/alerts", alert(notice, "alias")),
        services.Telegram: (f"/bot{services.Telegram.TOKEN}/sendMessage", telegram_message(notice, "-1")),
    }
    for kind, (path, message) in told.items():
        body = json.loads(msgspec.json.encode(message))
        status, _, answer = kind(services.Far({})).serve(
            path,
            {"authorization": f"GenieKey {services.Opsgenie.KEY}"} if kind is services.Opsgenie else {},
            body,
        )
        assert status in {200, 202}, answer
        assert notice.link in json.dumps(body)


@pytest.mark.parametrize(
    ("severity", "state", "priority", "tag", "silent", "colour"),
    [
        ("critical", "firing", 5, "rotating_light", False, "#b42318"),
        ("high", "info", 4, "warning", False, "#d9730d"),
        ("low", "info", 3, "small_orange_diamond", True, "#9a8700"),
        ("info", "info", 2, "information_source", True, "#2f6fdb"),
        ("critical", "resolved", 3, "white_check_mark", False, "#1a7f37"),
    ],
)
def test_urgency_is_told_in_each_services_own_way(  # noqa: PLR0917
    severity: str, state: str, priority: int, tag: str, silent: bool, colour: str
) -> None:
    notice = msgspec.structs.replace(NOTICE, severity=severity, state=state, project="shop")
    ntfy = ntfy_message(notice, "t", "k")
    assert (ntfy.priority, ntfy.tags) == (priority, [tag, "shop"])
    assert telegram_message(notice, "-1").disable_notification is silent
    assert slack_message(notice).attachments[0].color == colour
    urgent = {
        "critical": ("critical", "P1"),
        "high": ("error", "P2"),
        "low": ("warning", "P3"),
        "info": ("info", "P5"),
    }
    assert (event(notice, "k", "k").payload.severity, alert(notice, "a").priority) == urgent[severity]


def test_ntfy_acts_at_once_and_opens_the_alert() -> None:
    acts = (Action("acknowledge", "Acknowledge", "https://v.example/a/1/"), Action("silence", "Silence 1 h", "https://v.example/a/2/"))  # fmt: skip
    told = json.loads(
        msgspec.json.encode(ntfy_message(msgspec.structs.replace(NOTICE, actions=acts), "t", "k"))
    )
    at_once = {"action": "http", "method": "POST", "headers": {"Accept": "text/plain"}, "clear": True}
    assert told["actions"] == [
        {**at_once, "label": "Acknowledge", "url": "https://v.example/a/1/"},
        {**at_once, "label": "Silence 1 h", "url": "https://v.example/a/2/"},
        {"action": "view", "label": "Open", "url": NOTICE.link},
    ]
    assert "actions" not in json.loads(msgspec.json.encode(ntfy_message(NOTICE, "t", "k")))


@pytest.mark.parametrize(
    ("service", "config"),
    [
        (services.PagerDuty, {"server": "", "key": services.PagerDuty.KEY}),
        (services.Opsgenie, {"server": "", "region": "US", "key": services.Opsgenie.KEY}),
    ],
)
def test_an_incident_is_closed_under_the_name_it_was_opened_by(
    service: type[services.Service], config: dict[str, str]
) -> None:
    install(dataclasses.replace(memory_ports(), net=NetClient(allow_private=True)))
    far, fired = services.Far({}), msgspec.structs.replace(NOTICE, group="1.abc")
    with services.serving(service(far)) as address:
        channel = registry.kind(service.__name__.lower())
        for key, notice in (
            ("k1", fired),
            ("k2", msgspec.structs.replace(fired, state="resolved", title="Over: Boom")),
            ("k3", msgspec.structs.replace(fired, group="2.abc")),
            ("k4", NOTICE),
            ("k5", NOTICE),
        ):
            channel.send(notice, {**config, "server": address}, key)
    names = [name for _, name in far.got]
    assert names[0] == names[1]
    assert len(set(names)) == 4, "each group has a name, and what has none stands for itself"
    how = [
        str(raw[1].get("event_action") or raw[0].endswith("/close?identifierType=alias")) for raw in far.raw
    ]
    assert how in (
        ["trigger", "resolve", "trigger", "trigger", "trigger"],
        ["False", "True", "False", "False", "False"],
    )


def gateway(**changes: str) -> dict[str, str]:
    return {**GATEWAY, "to": "+49 151", **changes}


@given(notices(), st.sampled_from(["form", "json"]))
@settings(deadline=None)
def test_a_gateway_reads_back_what_was_said_wherever_it_stands(notice: Notice, form: str) -> None:
    body = {"form": "to={to}&text={text}", "json": '{"to": "{to}", "text": "{text}"}'}[form]
    config = gateway(
        form=form, body=body, url="https://sms.example/?text={title}&k={secret}", headers="X: {title}"
    )
    asked = filling.request(config, notice, "k1")
    said = filling.message(notice, filling.MOST)
    read = (
        dict(parse_qsl(asked.body.decode(), keep_blank_values=True))
        if form == "form"
        else json.loads(asked.body)
    )
    assert read == {"to": "+49 151", "text": said}
    assert len(said) <= filling.MOST
    assert said.endswith(notice.link)
    query = dict(parse_qsl(asked.url.partition("?")[2], keep_blank_values=True))
    assert query == {"text": cut(notice.title, filling.MOST), "k": "anna:hushword"}
    assert asked.headers["X"].isprintable()


def test_a_gateway_says_title_first_and_keeps_the_link() -> None:
    long = msgspec.structs.replace(NOTICE, title="T" * 30, text="x" * 900)
    said = filling.message(long, 120)
    assert len(said) <= 120
    assert said.startswith("T" * 30 + "\nx")
    assert said.endswith(f"{MARK}\n{NOTICE.link}")
    assert filling.message(msgspec.structs.replace(long, title="T" * 300), 120).endswith(
        f"{MARK}\n{NOTICE.link}"
    )


def test_a_voice_is_told_without_the_link_and_without_tags() -> None:
    loud = msgspec.structs.replace(NOTICE, title="a <Say> & b")
    asked = filling.request(gateway(form="form", body="Twiml=<Say>{spoken}</Say>"), loud, "k")
    assert parse_qsl(asked.body.decode()) == [
        ("Twiml", "<Say>a &lt;Say&gt; & b. in cart</Say>".replace("& b", "&amp; b"))
    ]


def test_a_get_has_no_body_and_a_type_of_ones_own_wins() -> None:
    asked = filling.request(gateway(method="GET", body="x", headers="Content-Type: text/x"), NOTICE, "k")
    assert (asked.body, asked.headers) == (b"", {"Content-Type": "text/x"})


@pytest.mark.usefixtures("apprise")
@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("status", [200, 400, 403, 429, 500, None])
def test_no_error_shows_a_secret_even_when_the_service_repeats_it(kind: str, status: int | None) -> None:
    def echo(asked: Request) -> Response | NetError:
        said = f"{asked.url} {dict(asked.headers)} {asked.body.decode()}"
        return (
            NetError(said, permanent=False) if status is None else Response(status, {}, said[:150].encode())
        )

    install(dataclasses.replace(memory_ports(), net=MemoryNet(echo)))
    channel = registry.kind(kind)
    channel.check(SECRETS[kind])
    told, permanent = outcome(channel, SECRETS[kind])
    assert "hush" not in told
    assert kind == "apprise" or permanent in {None, status in {200, 400, 403}}, told


@pytest.mark.parametrize("kind", ["ntfy", "slack", "slack_bot", "telegram"])
def test_the_wait_a_busy_service_asks_for_is_passed_on(kind: str) -> None:
    server = {
        "ntfy": services.Ntfy, "slack": services.SlackHook, "slack_bot": services.SlackApi, "telegram": services.Telegram,
    }[kind]  # fmt: skip
    install(dataclasses.replace(memory_ports(), net=NetClient(allow_private=True)))
    far = services.Far({}, answer="later")
    with services.serving(server(far)) as address:
        config = {**SECRETS[kind], **dict.fromkeys(("server", "api"), address)}
        config |= {"url": f"{address}/services/x"} if kind == "slack" else {}
        with pytest.raises(ChannelError) as refused:
            registry.kind(kind).send(NOTICE, config, "k")
    assert refused.value.retry_after == services.WAIT
    assert not refused.value.permanent


@pytest.mark.parametrize(
    ("kind", "config", "field"),
    [
        ("ntfy", {"topic": "a/b"}, "topic"),
        ("ntfy", {"topic": "a", "server": "ftp://x"}, "server"),
        ("slack", {"url": "hooks.slack.com/services/x"}, "url"),
        ("slack_bot", {"channel": "a b", "token": "xoxb-1234567890"}, "channel"),
        ("slack_bot", {"channel": "#a", "token": "secret"}, "token"),
        ("telegram", {"chat": "anna", "token": services.Telegram.TOKEN}, "chat"),
        ("telegram", {"chat": "1", "token": "hush"}, "token"),
        ("apprise", {"url": "nothing-of-the-kind"}, "url"),
        ("pagerduty", {"key": "short"}, "key"),
        ("pagerduty", {"key": "a" * 32, "server": "ftp://x"}, "server"),
        ("opsgenie", {"region": "MARS", "key": "hush-hush-hush"}, "region"),
        ("opsgenie", {"region": "EU", "key": "hush\nX: y"}, "key"),
        ("gateway", {**GATEWAY, "method": "DELETE"}, "method"),
        ("gateway", {**GATEWAY, "form": "xml"}, "form"),
        ("gateway", {**GATEWAY, "most": "ten"}, "most"),
        ("gateway", {**GATEWAY, "url": "https://{to}.example/"}, "url"),
        ("gateway", {**GATEWAY, "url": "https://{to}@sms.example/"}, "url"),
        ("gateway", {**GATEWAY, "url": "nothing"}, "url"),
        ("gateway", {**GATEWAY, "body": '{"text": {text}}'}, "body"),
        ("gateway", {**GATEWAY, "body": '{"text": "{words}"}'}, "body"),
        ("gateway", {**GATEWAY, "headers": "X Key: y"}, "headers"),
        ("gateway", {**GATEWAY, "headers": "Host: evil.example"}, "headers"),
    ],
)
@pytest.mark.usefixtures("apprise")
def test_a_wrong_setting_is_named(kind: str, config: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        registry.kind(kind).check(config)
    assert list(wrong.value.fields) == [field]


@pytest.mark.parametrize(
    "url",
    [
        "mailto://anna:secret@mail.example", "mqtt://broker.example/topic", "rsyslog://log.example",
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js?template=/etc/passwd",
    ],
)  # fmt: skip
@pytest.mark.usefixtures("apprise")
def test_apprise_neither_opens_sockets_of_its_own_nor_reads_files(url: str) -> None:
    with pytest.raises(Invalid, match=r"cannot be used|does not understand"):
        registry.kind("apprise").check({"url": url})


@pytest.mark.usefixtures("apprise")
def test_apprise_meets_the_address_policy_and_so_do_its_redirects() -> None:
    install(dataclasses.replace(memory_ports(), net=NetClient()))
    with pytest.raises(ChannelError, match="allow_private_addresses") as refused:
        registry.kind("apprise").send(NOTICE, {"url": "json://127.0.0.1:9/x"}, "k")
    assert refused.value.permanent
    asked: list[str] = []

    def elsewhere(request: Request) -> Response:
        asked.append(request.url)
        return Response(307, {"location": f"http://h{len(asked)}.example/"}, b"")

    install(dataclasses.replace(memory_ports(), net=MemoryNet(elsewhere)))
    with pytest.raises(ChannelError):
        registry.kind("apprise").send(NOTICE, {"url": "json://h0.example/"}, "k")
    assert 2 <= len(asked) <= 4


@pytest.mark.usefixtures("apprise")
def test_apprise_reads_neither_proxies_nor_passwords_of_the_machine() -> None:
    guard.load()
    assert requests.Session().trust_env is False
