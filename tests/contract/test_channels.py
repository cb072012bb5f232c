"""Every kind of channel against a real server on loopback; a new kind without a server here fails the build."""

import contextlib
import dataclasses
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests
from aiosmtpd.controller import Controller
from tests.support import services
from tests.support.ports import free_port
from tests.support.push import PushBrowser, push_service
from tests.support.services import Far

from vedette.core.settings import Settings
from vedette.notify.channels import registry
from vedette.notify.channels.apprise import guard
from vedette.notify.plain import plain
from vedette.notify.types import Action, Channel, ChannelError, Notice, Told
from vedette.plumbing.mail.smtp import SmtpMail
from vedette.plumbing.net.client import NetClient
from vedette.plumbing.ports import install
from vedette.plumbing.testing import memory_ports

NOTICE = Notice(
    title="ZeroDivisionError: division by zero",
    text="shop/cart.py in total <b>&\nüber",
    severity="high",
    link="https://vedette.example/issues/SHOP-4F/",
    at=1_764_000_000.0,
    project="shop",
    state="info",
    labels={"alertname": "issue.new"},
    reason="Rule “New issue”: A new issue. Nobody was told yet.",
    group="1.abc",
    receiver="Hook",
    actions=(
        Action("acknowledge", "Acknowledge", "https://vedette.example/a/1/"),
        Action("silence", "Silence 1 h", "https://vedette.example/a/2/"),
    ),
    alerts=(
        Told(
            labels={"alertname": "issue.new"}, annotations={"summary": "Zero"}, state="info",
            fingerprint="abc", starts=1_764_000_000.0, ends=None, link="https://vedette.example/issues/SHOP-4F/",
        ),
    ),
)  # fmt: skip


@contextlib.contextmanager
def mail_server() -> Iterator[Far]:
    far = Far({"recipients": "anna@shop.example, ben@shop.example"}, receipt=r"250 2\.0\.0 Ok: queued")

    class Handler:
        async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
            if far.answer != "yes":
                return {"later": "451 4.3.0 busy", "never": "554 5.7.1 refused"}[far.answer]
            message = message_from_bytes(envelope.content, policy=default)
            far.raw.append(message)
            text = message.get_body(("plain",)).get_content() + message["Subject"]  # type: ignore[union-attr]
            far.got.append((text, message["Message-ID"]))
            return "250 2.0.0 Ok: queued"

    port = free_port()
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    settings = Settings(
        base_url="https://vedette.example", smtp_host="127.0.0.1", smtp_port=port, smtp_tls="none"
    )
    install(dataclasses.replace(memory_ports(settings=settings), mail=SmtpMail(settings)))
    far.stop = controller.stop
    try:
        yield far
    finally:
        with contextlib.suppress(AssertionError):
            controller.stop()


@contextlib.contextmanager
def http_server() -> Iterator[Far]:
    far = Far({})

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = {"yes": 202, "later": 503, "never": 404}[far.answer]
            if status == 202:
                far.raw.append((dict(self.headers), body))
                text = json.dumps(json.loads(body), ensure_ascii=False)
                far.got.append((text, self.headers["Idempotency-Key"]))
            self.send_response(status)
            self.send_header("Retry-After", "77")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    far.config["url"] = f"http://127.0.0.1:{server.server_port}/hook"
    settings = Settings(base_url="https://vedette.example")
    install(dataclasses.replace(memory_ports(settings=settings), net=NetClient(allow_private=True)))

    def stop() -> None:
        server.shutdown()
        server.server_close()

    far.stop = stop
    try:
        yield far
    finally:
        stop()


@contextlib.contextmanager
def apprise_server() -> Iterator[Far]:
    """A plain web server, told by Apprise's own JSON service."""
    kept = requests.Session
    with http_server() as far:
        far.config = {"url": far.config["url"].replace("http://", "json://") + "/very-secret-path"}
        far.keyed = False
        try:
            yield far
        finally:
            requests.Session = requests.sessions.Session = kept  # type: ignore[misc]
            guard.load.cache_clear()


@contextlib.contextmanager
def service_server(
    kind: type[services.Service], config: dict[str, str], receipt: str, *, keyed: bool = False
) -> Iterator[Far]:
    settings = Settings(base_url="https://vedette.example")
    install(dataclasses.replace(memory_ports(settings=settings), net=NetClient(allow_private=True)))
    far = Far({}, receipt=receipt, keyed=keyed)
    with services.serving(kind(far)) as address:
        far.config.update(
            {
                name: value.replace("{}", address, 1) if value.startswith("{}") else value
                for name, value in config.items()
            }
        )
        yield far


def ntfy_server() -> contextlib.AbstractContextManager[Far]:
    config = {"server": "{}", "topic": "shop-alerts", "token": "tk_right"}
    return service_server(services.Ntfy, config, r"HTTP 200, message m\d+", keyed=True)


def slack_server() -> contextlib.AbstractContextManager[Far]:
    return service_server(services.SlackHook, {"url": "{}/services/T000/B000/hushhushhush"}, "HTTP 200 ok")


def slack_bot_server() -> contextlib.AbstractContextManager[Far]:
    config = {"api": "{}/api", "channel": "#alerts", "token": "xoxb-1234567890-right"}
    return service_server(services.SlackApi, config, r"HTTP 200, message 1\.\d+ in C1")


def telegram_server() -> contextlib.AbstractContextManager[Far]:
    config = {"server": "{}", "chat": "-1001234567890", "token": services.Telegram.TOKEN}
    return service_server(services.Telegram, config, r"HTTP 200, message \d+")


def pagerduty_server() -> contextlib.AbstractContextManager[Far]:
    config = {"server": "{}", "key": services.PagerDuty.KEY}
    return service_server(services.PagerDuty, config, r"HTTP 202, incident vedette-\w+")


def opsgenie_server() -> contextlib.AbstractContextManager[Far]:
    config = {"region": "EU", "server": "{}", "key": services.Opsgenie.KEY}
    return service_server(services.Opsgenie, config, r"HTTP 202, request r\d+")


def gateway_server() -> contextlib.AbstractContextManager[Far]:
    config = {
        "to": "+491511", "method": "POST", "url": "{}/sms?ref=k%26", "secret": "hushhush", "headers": "X-Key: {secret}",
        "form": "json", "body": '{"to": "{to}", "text": "{text} Nobody was told yet"}', "most": "", "expect": "success",
    }  # fmt: skip
    return service_server(services.SmsGateway, config, "HTTP 200 success 100")


@contextlib.contextmanager
def webpush_server() -> Iterator[Far]:
    settings = Settings(base_url="https://vedette.example")
    install(dataclasses.replace(memory_ports(settings=settings), net=NetClient(allow_private=True)))
    far, browser = Far({}, receipt="HTTP 201", keyed=False), PushBrowser()
    with push_service(far, browser) as endpoint:
        far.config["subscription"] = browser.subscription(endpoint)
        yield far


SERVERS = {
    "apprise": apprise_server, "email": mail_server, "gateway": gateway_server, "ntfy": ntfy_server,
    "opsgenie": opsgenie_server, "pagerduty": pagerduty_server, "slack": slack_server,
    "slack_bot": slack_bot_server, "telegram": telegram_server, "webhook": http_server,
    "webpush": webpush_server,
}  # fmt: skip


def test_every_kind_of_channel_is_tried_against_a_real_server() -> None:
    assert set(registry.kinds()) == set(SERVERS)


@pytest.mark.parametrize("kind", registry.kinds())
def test_a_channel_says_what_it_is_in_at_most_eighty_lines(kind: str) -> None:
    channel = registry.kind(kind)
    module = Path(__import__(type(channel).__module__, fromlist=["x"]).__file__)
    assert len(module.read_text().splitlines()) <= 80
    assert channel.kind == kind == module.parent.name
    assert channel.label
    assert all(field.label for field in channel.fields)


@pytest.fixture(params=sorted(SERVERS))
def far(request: pytest.FixtureRequest) -> Iterator[tuple[Channel, Far]]:
    with SERVERS[request.param]() as server:
        yield registry.kind(request.param), server


def test_a_notice_arrives_and_the_receipt_is_the_receivers_word(far: tuple[Channel, Far]) -> None:
    channel, server = far
    channel.check(server.config)
    receipt = channel.send(NOTICE, server.config, "1.abc.1.2.1")
    assert re.fullmatch(server.receipt, receipt.detail)
    ((text, _),) = server.got
    for part in (NOTICE.title, NOTICE.link, "über", "Nobody was told yet"):
        assert part in text


def test_what_can_be_done_is_a_link_where_there_is_room_for_one(far: tuple[Channel, Far]) -> None:
    channel, server = far
    channel.send(NOTICE, server.config, "k")
    ((text, _),) = server.got
    if channel.kind not in {"apprise", "gateway"}:
        assert all(action.label in text and action.url in text for action in NOTICE.actions)


HOSTILE = (
    "<script>alert(1)</script> <!channel> <https://evil.example|x> </b></i> *b* _i_ `c` [l](https://evil.example) & &lt; "
    "{{ title }} {secret} %0d%0a \x1b[31m\x9b\x07\u202e\r\nBcc: eve@evil.example \\ \" '"
)


def test_hostile_words_are_told_as_they_are_and_steer_nothing(far: tuple[Channel, Far]) -> None:
    """Each server refuses what its service would read as mark-up gone wrong; `raw` is what went over the wire."""
    channel, server = far
    evil = msgspec.structs.replace(
        NOTICE, title=HOSTILE, text=HOSTILE, reason=HOSTILE, project="<b>&", labels={"<i>": HOSTILE}
    )
    channel.send(plain(evil, "Hook"), server.config, "k")
    ((text, _),) = server.got
    assert "alert(1)" in text
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]|\\u001b|\\u202e", text)
    if channel.kind == "email":
        page = server.raw[0].get_body(("html",)).get_content()
        assert "<script" not in page
        assert "&lt;script&gt;" in page
        assert server.raw[0]["Bcc"] is None
    if channel.kind.startswith("slack"):
        assert "<!channel>" not in json.dumps(server.raw[0][1]["attachments"][0]["blocks"][1:])
        assert "&lt;!channel&gt;" in server.raw[0][1]["text"]
    if channel.kind == "telegram":
        assert "&lt;script&gt;" in server.raw[0][1]["text"]


def test_a_repeat_bears_the_same_key_and_another_notice_another(far: tuple[Channel, Far]) -> None:
    channel, server = far
    for key in ("1.abc.1.2.1", "1.abc.1.2.1", "1.abc.2.2.1"):
        channel.send(NOTICE, server.config, key)
    assert len(server.got) == 3
    if server.keyed:
        first, second, third = (key for _, key in server.got)
        assert first == second != third


@pytest.mark.parametrize(("answer", "permanent"), [("later", False), ("never", True)])
def test_a_refusal_says_whether_to_try_again(far: tuple[Channel, Far], answer: str, permanent: bool) -> None:
    channel, server = far
    server.answer = answer
    with pytest.raises(ChannelError) as refused:
        channel.send(NOTICE, server.config, "k")
    assert refused.value.permanent is permanent
    assert re.search(r"451|554|503|400|404|403|429|invalid_auth", str(refused.value))


def test_a_server_that_is_gone_may_come_back(far: tuple[Channel, Far]) -> None:
    channel, server = far
    server.stop()
    server.stop = lambda: None
    with pytest.raises(ChannelError) as refused:
        channel.send(NOTICE, server.config, "k")
    assert not refused.value.permanent


def test_a_mail_has_both_forms_and_threads_by_what_it_is_about() -> None:
    with mail_server() as server:
        registry.kind("email").send(NOTICE, server.config, "k1")
    (message,) = server.raw
    page = message.get_body(("html",)).get_content()
    assert "&lt;b&gt;&amp;<br>über" in page
    assert message["To"] == "anna@shop.example, ben@shop.example"
    assert message["From"] == "Vedette <vedette@vedette.example>"
    assert message["References"] == "<group.1.abc@vedette.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"] == "[shop] ZeroDivisionError: division by zero"


def test_without_a_mail_server_the_error_says_what_to_do_and_the_mail_waits() -> None:
    settings = Settings()
    install(dataclasses.replace(memory_ports(settings=settings), mail=SmtpMail(settings)))
    with pytest.raises(ChannelError, match="smtp_host") as refused:
        registry.kind("email").send(NOTICE, {"recipients": "a@b.example"}, "k")
    assert not refused.value.permanent


def test_a_title_cannot_smuggle_a_header_into_the_mail() -> None:
    with mail_server() as server:
        registry.kind("email").send(
            Notice(title="x\r\nBcc: eve@evil.example\r\n\r\nbody", text="", severity="low", link="l", at=0.0),
            server.config,
            "k",
        )
    (message,) = server.raw
    assert message["Bcc"] is None
    assert message["Subject"] == "[Vedette] x Bcc: eve@evil.example body"


def test_a_signed_webhook_can_be_checked_by_its_receiver() -> None:
    with http_server() as server:
        registry.kind("webhook").send(NOTICE, {**server.config, "secret": "hush"}, "k1")
        registry.kind("webhook").send(NOTICE, server.config, "k1")
    (headers, body), (unsigned, _) = server.raw
    want = "sha256=" + hmac.new(b"hush", body, hashlib.sha256).hexdigest()
    assert headers["X-Vedette-Signature"] == want
    assert "X-Vedette-Signature" not in unsigned
    assert "hush" not in str(server.raw)
    assert json.loads(body)["vedette"]["idempotencyKey"] == "k1"


def test_a_wait_the_receiver_asks_for_is_passed_on() -> None:
    with http_server() as server:
        server.answer = "later"
        with pytest.raises(ChannelError) as refused:
            registry.kind("webhook").send(NOTICE, server.config, "k")
    assert refused.value.retry_after == 77.0


def test_private_addresses_are_refused_for_good_unless_allowed() -> None:
    with http_server() as server:
        install(dataclasses.replace(memory_ports(), net=NetClient()))
        with pytest.raises(ChannelError) as refused:
            registry.kind("webhook").send(NOTICE, server.config, "k")
    assert refused.value.permanent
    assert server.got == []


def test_the_documented_body_is_the_one_that_is_sent() -> None:
    with http_server() as server:
        registry.kind("webhook").send(NOTICE, server.config, "k")
    text = (Path(__file__).parents[2] / "docs" / "webhook.md").read_text()
    documented = json.loads(text.split("```json")[1].split("```")[0])
    sent = json.loads(server.got[0][0])
    assert shape(sent) == shape(documented)


def shape(value: object) -> object:
    """Return the names in a JSON value, without its values; maps of labels are left open."""
    if isinstance(value, dict):
        return {k: "map" if k.endswith(("abels", "nnotations")) else shape(v) for k, v in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value[:1]]
    return type(value).__name__
