"""Buttons pressed in Slack and Telegram, through the whole path: told, pressed, proved, done once, answered."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.support import services
from tests.support.chats import (
    RESPONSE_URL,
    SIGNING_SECRET,
    SlackAnswers,
    SlackNet,
    TelegramBot,
    slack_headers,
    slack_press,
)
from tests.support.services import Far, serving
from tests.unit.alerts.test_answering import PASSWORD, alert, audited, push

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Role
from vedette.alerts import governing
from vedette.alerts.routing import Route
from vedette.alerts.types import Receiver, Routing
from vedette.core.clock import ManualClock
from vedette.core.errors import Invalid
from vedette.notify import service as notify
from vedette.notify.channels.slack import pressing as slack
from vedette.notify.channels.telegram import pressing as telegram
from vedette.plumbing.net.client import NetClient
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
EVIL = "<!channel> <b>&\u202e mira" + "x" * 100


@pytest.fixture
def chat(ports: MemoryPorts) -> Client:
    return Client(enforce_csrf_checks=True, REMOTE_ADDR="192.0.2.200")


class Slack:
    """A channel of Slack's with a signing secret, and what Slack was sent by us."""

    def __init__(self, chat: Client, clock: ManualClock, address: str, told: Far, answered: Far) -> None:
        self._chat, self._clock, self.told, self.answered = chat, clock, told, answered
        self.config = {
            "api": f"{address}/api", "channel": "#alerts", "token": "xoxb-1234567890-right", "signing_secret": SIGNING_SECRET,
        }  # fmt: skip

    def buttons(self) -> dict[str, dict[str, Any]]:
        """Return the buttons of the last message, by their labels."""
        (attachment,) = self.told.raw[-1][1]["attachments"]
        rows = [block["elements"] for block in attachment["blocks"] if block["type"] == "actions"]
        return {each["text"]["text"]: each for row in rows for each in row}

    def press(self, value: str, door: int | None = None, **how: Any) -> int:
        """Press a button that bears a value; return the status of our answer."""
        body = slack_press(value, how.get("user", "mira"), how.get("response_url", RESPONSE_URL))
        headers = slack_headers(body, how.get("at", self._clock.now()), how.get("secret", SIGNING_SECRET))
        url = f"/api/hooks/slack/{door or notify.channels()[0].id}"
        return int(self._chat.post(url, body, FORM, headers=headers).status_code)

    def replaced(self) -> str:
        """Return the text of what took the message's place."""
        body = self.answered.raw[-1][1]
        assert body["replace_original"] is True
        return str(body["attachments"][0]["blocks"][-1]["text"]["text"])


@pytest.fixture
def slack_chat(ports: MemoryPorts, chat: Client, clock: ManualClock) -> Iterator[Slack]:
    told, answered = Far({}), Far({})
    with serving(services.SlackApi(told)) as api, serving(SlackAnswers(answered)) as answers:
        install(dataclasses.replace(ports, net=SlackNet(answers)))
        yield Slack(chat, clock, api, told, answered)


@pytest.fixture
def ops(slack_chat: Slack, clock: ManualClock) -> Slack:
    """Return Slack, told of an alert by a channel everybody shares."""
    notify.create_channel(SYSTEM, "slack_bot", "Ops", slack_chat.config, 1.0)
    push(clock)
    return slack_chat


def test_slacks_own_example_of_a_signature() -> None:
    """From "Verifying requests from Slack"."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
        b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
        b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signature, secret = (
        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        "8f742231b10e8888abcd99yyyzzz85a5",
    )
    assert slack.proves(secret, "1531420618", signature, body, 1531420618.0)
    assert not slack.proves(secret, "1531420618", signature, body, 1531420618.0 + slack.OLDEST + 1)
    assert not slack.proves(secret, "1531420618", signature, body + b"x", 1531420618.0)
    assert not slack.proves(secret, "", signature, body, 1531420618.0)


def test_a_press_in_slack_acknowledges_and_takes_the_messages_place(ops: Slack) -> None:
    buttons = ops.buttons()
    assert list(buttons) == ["Acknowledge", "Silence 1 h", "Open in Vedette"]
    assert ops.press(buttons["Acknowledge"]["value"]) == 200
    assert alert().acked_by == "Somebody in Ops (mira)"
    assert audited("alert.acknowledge") == ["Somebody in Ops (mira)"]
    assert ops.replaced() == "Acknowledged by Somebody in Ops (mira)."
    left = [
        block for block in ops.answered.raw[-1][1]["attachments"][0]["blocks"] if block["type"] == "actions"
    ]
    assert [each["text"]["text"] for each in left[0]["elements"]] == ["Open in Vedette"]
    assert ops.press(buttons["Acknowledge"]["value"], user="jonas") == 200
    assert ops.replaced() == "Already done. Acknowledged by Somebody in Ops (mira)."
    assert len(audited("alert.acknowledge")) == 1


def test_a_press_in_slack_silences(ops: Slack, clock: ManualClock) -> None:
    assert ops.press(ops.buttons()["Silence 1 h"]["value"]) == 200
    (silence,) = governing.silences(clock.now())
    assert (silence.author, silence.ends) == ("Somebody in Ops (mira)", clock.now() + 3_600.0)
    assert ops.replaced().startswith("Somebody in Ops (mira) silenced it until")


def test_the_name_a_chat_gives_is_text_and_short(ops: Slack) -> None:
    ops.press(ops.buttons()["Acknowledge"]["value"], user=EVIL)
    who = alert().acked_by
    assert who.startswith("Somebody in Ops (<!channel> <b>& mira")
    assert "\u202e" not in who
    assert len(who) <= 90
    assert "&lt;!channel&gt; &lt;b&gt;&amp; mira" in ops.replaced()


@pytest.mark.parametrize("how", [{"secret": "another-secret-of-theirs"}, {"at": 1.0}])
def test_what_slack_did_not_sign_just_now_does_nothing(ops: Slack, how: dict[str, Any]) -> None:
    assert ops.press(ops.buttons()["Acknowledge"]["value"], **how) == 403
    assert alert().acked_at is None
    assert ops.answered.raw == []


def test_a_channel_without_a_signing_secret_has_links_and_no_door(
    slack_chat: Slack, clock: ManualClock
) -> None:
    made = notify.create_channel(SYSTEM, "slack_bot", "Ops", {**slack_chat.config, "signing_secret": ""}, 1.0)
    push(clock)
    acknowledge = slack_chat.buttons()["Acknowledge"]
    assert "value" not in acknowledge
    token = acknowledge["url"].rstrip("/").rpartition("/")[2]
    assert slack_chat.press(token, secret="") == 403
    assert slack_chat.press(token, door=made.id + 1) == 403
    assert notify.press_url(made) == ""
    assert alert().acked_at is None


def test_a_changed_token_is_refused_to_whoever_pressed_alone(ops: Slack) -> None:
    assert ops.press(ops.buttons()["Silence 1 h"]["value"].replace("s-", "a-", 1)) == 200
    body = ops.answered.raw[-1][1]
    assert (body["response_type"], body["replace_original"]) == ("ephemeral", False)
    assert "was changed" in body["text"]
    assert alert().acked_at is None


def test_a_button_that_only_opens_a_page_does_nothing(ops: Slack) -> None:
    assert ops.press("") == 200
    assert ops.answered.raw == []


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "http://hooks.slack.com/a", "https://hooks.slack.com@evil.example/", "https://hooks.slack.com:8443/", ""]
)  # fmt: skip
def test_no_answer_goes_anywhere_but_to_slack(ops: Slack, url: str) -> None:
    assert not slack.answerable(url)
    assert ops.press(ops.buttons()["Acknowledge"]["value"], response_url=url) == 200
    assert alert().acked_at is not None
    assert ops.answered.raw == []


def test_an_answer_that_cannot_be_given_leaves_what_was_done(ops: Slack, ports: MemoryPorts) -> None:
    install(dataclasses.replace(ports, net=SlackNet("http://127.0.0.1:9")))
    assert ops.press(ops.buttons()["Acknowledge"]["value"]) == 200
    assert alert().acked_at is not None


def test_in_a_channel_of_ones_own_it_is_its_owner(slack_chat: Slack, clock: ManualClock) -> None:
    made = accounts.create_user(SYSTEM, "Anna", "anna@example.org", PASSWORD, Role.MEMBER, clock.now())
    own = notify.create_own(
        accounts.actor_for(made.id), "slack_bot", "my Slack", slack_chat.config, clock.now()
    )
    told = Receiver(name="anna", people=("anna@example.org",))
    governing.save_routing(
        SYSTEM, Routing(tree=Route(receiver="anna"), receivers=(told,), source="hand"), clock.now()
    )
    push(clock)
    slack_chat.press(slack_chat.buttons()["Acknowledge"]["value"], door=own.id, user="eve")
    assert alert().acked_by == "Anna, by my Slack"


def test_what_is_too_large_or_no_press_is_refused(chat: Client, ops: Slack, clock: ManualClock) -> None:
    url = f"/api/hooks/slack/{notify.channels()[0].id}"
    assert chat.get(url).status_code == 405
    assert chat.post(url, b"x" * 300_000, FORM).status_code == 413
    for body in (b"payload=%7B", b"other=1", b"\xff", b""):
        answer = chat.post(url, body, FORM, headers=slack_headers(body, clock.now()))
        assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    for read in (slack.read, telegram.read):
        try:
            read(body)
        except Invalid:
            continue


@pytest.fixture
def bot(ports: MemoryPorts) -> Iterator[tuple[TelegramBot, dict[str, str]]]:
    install(dataclasses.replace(ports, net=NetClient(allow_private=True)))
    made = TelegramBot(Far({}))
    with serving(made) as address:
        yield (
            made,
            {"chat": "-1001234567890", "token": made.TOKEN, "server": address, "buttons": "act at once"},
        )


def keyboard(far: Far) -> dict[str, dict[str, str]]:
    rows = far.raw[-1][1].get("reply_markup", {}).get("inline_keyboard", [])
    return {each["text"]: each for row in rows for each in row}


def tell(chat: Client, made: TelegramBot, data: str, **headers: str) -> int:
    body, bears = made.press(data)
    answer = chat.post("/api/hooks/telegram/123456", body, "application/json", headers={**bears, **headers})
    return int(answer.status_code)


def test_a_press_in_telegram_acts_is_answered_and_takes_the_buttons_away(
    bot: tuple[TelegramBot, dict[str, str]], chat: Client, clock: ManualClock
) -> None:
    made, config = bot
    notify.create_channel(SYSTEM, "telegram", "Ops", config, 1.0)
    assert made.webhook["url"] == "https://vedette.example/api/hooks/telegram/123456"
    assert made.webhook["allowed_updates"] == ["callback_query", "message"]
    push(clock)
    buttons = keyboard(made.far)
    assert list(buttons) == ["Acknowledge", "Silence 1 h", "Open in Vedette"]
    data = buttons["Acknowledge"]["callback_data"]
    assert tell(chat, made, data) == 200
    assert alert().acked_by == "Somebody in Ops (mira)"
    assert audited("alert.acknowledge") == ["Somebody in Ops (mira)"]
    assert (made.said[-1]["text"], made.said[-1]["show_alert"]) == (
        "Acknowledged by Somebody in Ops (mira).",
        False,
    )
    assert [[each["text"] for each in row] for row in made.keyboards[1]] == [["Open in Vedette"]]
    assert tell(chat, made, data) == 200, "a keyboard that is as it should be is no error"
    assert made.said[-1]["text"].startswith("Already done.")
    assert len(audited("alert.acknowledge")) == 1


def test_what_bears_not_the_bots_secret_does_nothing(
    bot: tuple[TelegramBot, dict[str, str]], chat: Client, clock: ManualClock
) -> None:
    made, config = bot
    notify.create_channel(SYSTEM, "telegram", "Ops", config, 1.0)
    push(clock)
    data = keyboard(made.far)["Acknowledge"]["callback_data"]
    for wrong in ("", "x" * 64, "ü"):
        assert tell(chat, made, data, **{"X-Telegram-Bot-Api-Secret-Token": wrong}) == 403
    assert alert().acked_at is None
    body, bears = made.press(data)
    assert chat.post("/api/hooks/telegram/7", body, "application/json", headers=bears).status_code == 403
    assert chat.post("/api/hooks/telegram/123456", b"{", "application/json", headers=bears).status_code == 422
    other = json.dumps({"update_id": 1, "message": {"text": "hello"}})
    assert (
        chat.post("/api/hooks/telegram/123456", other, "application/json", headers=bears).status_code == 200
    )
    assert alert().acked_at is None
    assert made.said == []


def test_a_token_that_is_over_is_told_as_an_alert(
    bot: tuple[TelegramBot, dict[str, str]], chat: Client, clock: ManualClock
) -> None:
    made, config = bot
    notify.create_channel(SYSTEM, "telegram", "Ops", config, 1.0)
    push(clock)
    data = keyboard(made.far)["Acknowledge"]["callback_data"]
    clock.forward(72 * 3_600.0)
    assert tell(chat, made, data) == 200
    assert made.said[-1]["show_alert"]
    assert "good for 72 hours" in made.said[-1]["text"]
    assert made.keyboards == {}
    assert alert().acked_at is None


def test_where_telegram_refuses_the_address_nothing_is_saved(bot: tuple[TelegramBot, dict[str, str]]) -> None:
    made, config = bot
    made.far.answer = "never"
    with pytest.raises(Invalid, match="Failed to resolve host") as refused:
        notify.create_channel(SYSTEM, "telegram", "Ops", config, 1.0)
    assert list(refused.value.fields) == ["buttons"]
    assert made.TOKEN not in str(refused.value)
    assert notify.channels() == ()


def test_without_https_or_the_wish_the_buttons_open_pages(
    bot: tuple[TelegramBot, dict[str, str]], ports: MemoryPorts, clock: ManualClock
) -> None:
    made, config = bot
    notify.create_channel(SYSTEM, "telegram", "Ops", {**config, "buttons": "open a page"}, 1.0)
    push(clock)
    assert keyboard(made.far)["Acknowledge"]["url"].startswith("https://vedette.example/a/a-")
    plain = dataclasses.replace(ports.settings, base_url="http://vedette.example")
    install(dataclasses.replace(ports, net=NetClient(allow_private=True), settings=plain))
    notify.update_channel(SYSTEM, notify.channels()[0].id, "Ops", config, 2.0)
    assert made.webhook == {}


def test_the_bot_is_told_when_its_last_channel_that_acts_goes(
    bot: tuple[TelegramBot, dict[str, str]],
) -> None:
    made, config = bot
    first = notify.create_channel(SYSTEM, "telegram", "Ops", config, 1.0)
    second = notify.create_channel(SYSTEM, "telegram", "Nights", {**config, "chat": "-1001234567891"}, 1.0)
    notify.delete_channel(SYSTEM, second.id, 2.0)
    assert made.webhook, "another channel of the bot still wants to hear"
    notify.update_channel(SYSTEM, first.id, "Ops", {**config, "buttons": "open a page"}, 3.0)
    assert made.webhook == {}
    notify.update_channel(SYSTEM, first.id, "Ops", config, 4.0)
    assert made.webhook
    notify.delete_channel(SYSTEM, first.id, 5.0)
    assert made.webhook == {}


def test_an_answer_the_chat_refuses_is_logged_and_what_was_done_stands(
    bot: tuple[TelegramBot, dict[str, str]],
    chat: Client,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    made, config = bot
    ref = notify.create_channel(SYSTEM, "telegram", "Ops", config, 1.0)
    push(clock)
    data = keyboard(made.far)["Acknowledge"]["callback_data"]
    body, bears = made.press(data)
    made.waiting.clear()  # as after Telegram's ten seconds
    assert chat.post("/api/hooks/telegram/123456", body, "application/json", headers=bears).status_code == 200
    assert alert().acked_at is not None
    assert f"The chat of channel {ref.id} refused an answer" in caplog.text
    assert "query is too old" in caplog.text
    assert made.TOKEN not in caplog.text
