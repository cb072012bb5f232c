"""Commands written in Slack and Telegram: proved, done once, answered in the chat."""

import json
from typing import Any

import pytest
from django.test import Client
from tests.support.chats import TelegramBot, slack_command, slack_headers
from tests.unit.alerts.test_answering import PASSWORD, alert, audited, push
from tests.unit.alerts.test_chats import FORM, Slack, bot, chat, ops, slack_chat

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, Role, Verb
from vedette.alerts.answering import commands
from vedette.core.clock import ManualClock
from vedette.notify import service as notify
from vedette.oncall import service as oncall
from vedette.oncall.types import Layer, ScheduleDraft

__all__ = ["bot", "chat", "ops", "slack_chat"]
pytestmark = pytest.mark.django_db


def say(chat: Client, clock: ManualClock, text: str, door: int = 0, **how: Any) -> tuple[int, str]:
    """Write `/vedette text` in Slack; return our status and what everybody in the channel reads."""
    body = slack_command(text)
    headers = {**slack_headers(body, clock.now()), **how}
    answer = chat.post(f"/api/hooks/slack/{door or notify.channels()[0].id}", body, FORM, headers=headers)
    told = json.loads(answer.content)
    assert answer.status_code != 200 or told["response_type"] == "in_channel"
    return answer.status_code, str(told.get("text", ""))


def test_ack_takes_the_newest_that_was_told_here(ops: Slack, chat: Client, clock: ManualClock) -> None:
    status, said = say(chat, clock, "ack")
    assert (status, said.split(":")[0]) == (200, "Acknowledged by Somebody in Ops (mira)")
    assert alert().acked_by == "Somebody in Ops (mira)"
    assert audited("alert.acknowledge") == ["Somebody in Ops (mira)"]
    assert say(chat, clock, "ack")[1] == "Nothing that fires was told here. Nothing was changed."
    assert len(audited("alert.acknowledge")) == 1


def test_ack_takes_what_it_names(ops: Slack, chat: Client, clock: ManualClock) -> None:
    name = alert().subject.upper()
    assert (
        say(chat, clock, "ack NOTHING-1")[1] == "Nothing that fires is called NOTHING-1. Nothing was changed."
    )
    assert alert().acked_at is None
    assert say(chat, clock, f"ack {name}")[1].startswith("Acknowledged by")
    assert say(chat, clock, f"ack {name}")[1] == "Already acknowledged by Somebody in Ops (mira)."


def test_who_is_on_call(ops: Slack, chat: Client, clock: ManualClock) -> None:
    assert say(chat, clock, "who")[1] == "There is no schedule yet."
    mira = accounts.create_user(SYSTEM, "Mira & Co", "mira@example.org", PASSWORD, Role.MEMBER, clock.now())
    day = Layer(name="week", people=((mira.id,),), first="2025-01-06")
    oncall.create_schedule(
        SYSTEM, ScheduleDraft(name="Web", zone="Europe/London", layers=(day,)), clock.now()
    )
    assert say(chat, clock, "who")[1].startswith("Web: Mira &amp; Co until ")
    assert say(chat, clock, "who nowhere")[1] == "There is no schedule called nowhere."


def test_what_is_not_known_is_answered_by_help(ops: Slack, chat: Client, clock: ManualClock) -> None:
    status, said = say(chat, clock, "reboot <!channel> everything")
    assert (status, said.splitlines()[0]) == (
        200,
        "There is no command reboot. ack [KEY]: acknowledge the newest alert told here, or the one named",
    )
    assert "<!channel>" not in said
    assert say(chat, clock, "")[1].startswith("ack [KEY]: ")


def test_a_room_enters_a_command(ops: Slack, chat: Client, clock: ManualClock) -> None:
    def greet(actor: Actor, words: str, now: float) -> str:
        return f"{actor.name} says {words}"

    commands.enter("greet", "greet WORDS", "say it", Verb.ALERT_WRITE, greet)
    try:
        assert say(chat, clock, "Greet  hello\u202e there")[1] == "Somebody in Ops (mira) says hello there"
    finally:
        del commands._KNOWN["greet"]


def test_what_slack_did_not_sign_commands_nothing(ops: Slack, chat: Client, clock: ManualClock) -> None:
    status, _ = say(chat, clock, "ack", **{"X-Slack-Signature": "v0=00"})
    assert status == 403
    assert alert().acked_at is None


def test_in_a_channel_of_ones_own_ones_role_counts(
    slack_chat: Slack, chat: Client, clock: ManualClock
) -> None:
    push(clock)
    made = accounts.create_user(SYSTEM, "Vic", "vic@example.org", PASSWORD, Role.VIEWER, clock.now())
    own = notify.create_own(accounts.actor_for(made.id), "slack_bot", "mine", slack_chat.config, clock.now())
    assert "does not include alert.write" in say(chat, clock, "ack", own.id)[1]
    assert alert().acked_at is None


def write(chat: Client, made: TelegramBot, text: str, **how: int) -> tuple[int, dict[str, Any]]:
    body, bears = made.write(text, **how)
    answer = chat.post("/api/hooks/telegram/123456", body, "application/json", headers=bears)
    return answer.status_code, json.loads(answer.content) if answer.content else {}


def test_telegram_commands_are_answered_in_their_chat(
    bot: tuple[TelegramBot, dict[str, str]], chat: Client, clock: ManualClock
) -> None:
    made, config = bot
    notify.create_channel(SYSTEM, "telegram", "Ops", config, 1.0)
    push(clock)
    status, told = write(chat, made, "/ack@vedette_bot")
    assert (status, told["method"], told["chat_id"]) == (200, "sendMessage", -1001234567890)
    assert told["text"].startswith("Acknowledged by Somebody in Ops (mira): ")
    assert write(chat, made, "good morning") == (200, {})
    assert write(chat, made, "/start")[1]["text"].startswith("ack [KEY]: ")


def test_another_chat_of_the_same_bot_commands_nothing(
    bot: tuple[TelegramBot, dict[str, str]], chat: Client, clock: ManualClock
) -> None:
    made, config = bot
    notify.create_channel(SYSTEM, "telegram", "Ops", config, 1.0)
    push(clock)
    assert write(chat, made, "/ack", where=4711) == (200, {})
    assert alert().acked_at is None
