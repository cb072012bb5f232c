"""Buttons pressed in chats: who proves it, what it says, and the answer; what a press does is for whoever made the token."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec

from vedette.core.errors import Forbidden, Invalid
from vedette.notify import sealing, wording
from vedette.notify.channels import registry
from vedette.notify.channels.posting import post
from vedette.notify.channels.slack import commanding as slash
from vedette.notify.channels.slack import pressing as slack_words
from vedette.notify.channels.slack.message import escaped
from vedette.notify.channels.slack.message import message as slack_message
from vedette.notify.channels.telegram import commanding, hook, pressing
from vedette.notify.channels.telegram.calling import call
from vedette.notify.channels.telegram.message import Keyboard, opening
from vedette.notify.plain import plain, stripped
from vedette.notify.store import channels as store
from vedette.notify.store import deliveries as log
from vedette.notify.store.channels import StoredChannel
from vedette.notify.types import Channel, ChannelError, ChannelRef, Command, Notice, Press
from vedette.plumbing.ports import ports

_LOG = logging.getLogger("vedette.notify")
SLACK = frozenset({"slack", "slack_bot"})
TELEGRAM = "telegram"
_PATIENCE = 2.0  # seconds for each answer: Slack waits three for ours (docs.slack.dev/interactivity/handling-user-interaction)
_LONGEST_NAME = 60
_LONGEST_COMMAND = 300
_UNPROVED = "This does not bear the proof that it comes from {}; nothing was changed."


class SlackReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of an answer to `response_url`: only to whoever pressed."""

    text: str
    response_type: str
    replace_original: bool | None = None


class Replacement(msgspec.Struct, frozen=True):
    """The body of an answer to `response_url` that takes the message's place."""

    text: str
    attachments: tuple[msgspec.Struct, ...]
    replace_original: bool = True


def arrange(kind: Channel, config: Mapping[str, str]) -> None:
    """Tell a chat where presses go, where it must be told; raises `Invalid` with its words when it refuses."""
    if kind.kind == TELEGRAM and hook.acts(config):
        hook.register(config)


def depart(former: StoredChannel) -> None:
    """Tell a chat that presses go nowhere any more, once no channel wants them; `former` is gone, or was before a change."""
    config = _opened(former) if former.kind == TELEGRAM else {}
    if not hook.acts(config):
        return
    left = (_opened(each) for each in store.of_kind(TELEGRAM))
    if not any(hook.acts(each) and hook.bot(each) == hook.bot(config) for each in left):
        with _noted("to forget Vedette's address", former):
            hook.withdraw(config)


def door(ref: ChannelRef) -> str:
    """Return the URL a person writes into the chat's settings so that buttons act at once; empty where there is none."""
    acts = ref.kind in SLACK and ref.config.get("signing_secret")
    return f"{ports().settings.public_url}/api/hooks/slack/{ref.id}" if acts else ""


def from_slack(
    channel_id: int, timestamp: str, signature: str, body: bytes, now: float
) -> Press | Command | None:
    """Return what was pressed or commanded, None when nothing that acts was; raises `Forbidden` unless Slack signed it, `Invalid`."""
    channel = store.find(channel_id)
    config = _opened(channel) if channel is not None and channel.kind in SLACK else {}
    secret = config.get("signing_secret", "")
    if channel is None or not secret or not slack_words.proves(secret, timestamp, signature, body, now):
        raise Forbidden(_UNPROVED.format("Slack"))
    if slash.is_command(body):
        typed = slash.read(body)
        return _command(channel, typed.text, typed.who, {})
    told = slack_words.read(body)
    token = next((pressed.value for pressed in told.actions if pressed.value), "")
    if told.type != "block_actions" or not token:
        return None
    who = _name(channel, told.user.username or told.user.name)
    return Press(channel=channel_id, token=token, who=who, reply={"url": told.response_url})


def from_telegram(bot: int, secret: str, body: bytes) -> Press | Command | None:
    """Return what was pressed or commanded, None when nothing was; raises `Forbidden` unless it bears the bot's secret, `Invalid`."""
    channel = next((each for each in store.of_kind(TELEGRAM) if _is_of(each, bot, secret)), None)
    if channel is None:
        raise Forbidden(_UNPROVED.format("Telegram"))
    update = pressing.read(body)
    query = update.callback_query
    if query is None:
        return _commanded(bot, secret, update.message)
    reply = {"query": query.id}
    if query.message is not None:
        reply |= {"chat": str(query.message.chat.id), "message": str(query.message.message_id)}
    who = _name(channel, query.sender.username or query.sender.first_name)
    return Press(channel=channel.id, token=query.data, who=who, reply=reply)


def _commanded(bot: int, secret: str, post: pressing.Post | None) -> Command | None:
    """Return the command of a message; only the chat a channel was made for commands, whoever else writes to the bot."""
    words = commanding.words(post)
    if post is None or not words:
        return None
    chat = str(post.chat.id)
    for channel in store.of_kind(TELEGRAM):
        if _is_of(channel, bot, secret) and _opened(channel).get("chat") in {chat, f"@{post.chat.username}"}:
            return _command(channel, words, post.sender.username or post.sender.first_name, {"chat": chat})
    return None


def _command(channel: StoredChannel, text: str, who: str, reply: Mapping[str, str]) -> Command:
    name, _, words = " ".join(stripped(text).split())[:_LONGEST_COMMAND].partition(" ")
    return Command(channel=channel.id, name=name.lower(), words=words, who=_name(channel, who), reply=reply)


def answer_command(command: Command, said: str) -> bytes:
    """Return the answer to a command as the body its chat takes."""
    chat = command.reply.get("chat")
    return slash.answer(said) if chat is None else commanding.answer(chat, said)


def answer(press: Press, said: str, key: str) -> None:
    """Tell the chat what came of a press: in the message's place for the notice under `key`, else only to whoever pressed.

    That it could not be told is no error: what was done stands, and stands in the audit log.
    """
    channel, notice = store.find(press.channel), log.notice_of(key) if key else None
    if channel is None:
        return
    if channel.kind == TELEGRAM:
        _to_telegram(channel, press, said, notice)
    else:
        _to_slack(channel, press, said, notice)


def _to_slack(channel: StoredChannel, press: Press, said: str, notice: Notice | None) -> None:
    url = press.reply["url"]
    if not slack_words.answerable(url):
        return
    if notice is None:
        reply: msgspec.Struct = SlackReply(escaped(said, 1_000), "ephemeral", replace_original=False)
    else:
        shown, _ = wording.apply(msgspec.structs.replace(notice, receiver=channel.name), channel.kind)
        made = slack_message(plain(shown, channel.name), at_once=True, done=said)
        reply = Replacement(made.text, made.attachments)
    with _noted("an answer", channel):
        post(url, msgspec.json.encode(reply), hidden=(url,), deadline=_PATIENCE)


def _to_telegram(channel: StoredChannel, press: Press, said: str, notice: Notice | None) -> None:
    config = _opened(channel)
    told = pressing.said(press.reply["query"], said, refused=notice is None)
    with _noted("an answer", channel):
        call(config, "answerCallbackQuery", told, _PATIENCE)
    if notice is not None and "message" in press.reply:
        keyboard = Keyboard(opening(notice.link))
        edited = pressing.Edited(press.reply["chat"], int(press.reply["message"]), keyboard)
        with _noted("other buttons", channel):
            call(config, "editMessageReplyMarkup", edited, _PATIENCE)


@contextmanager
def _noted(what: str, channel: StoredChannel) -> Iterator[None]:
    """Log that a chat refused something that is not worth failing for; the words of the error hold no secret."""
    try:
        yield
    except ChannelError as error:
        _LOG.warning("The chat of channel %d refused %s: %s", channel.id, what, error)


def _is_of(channel: StoredChannel, bot: int, secret: str) -> bool:
    config = _opened(channel)
    return bool(config) and hook.bot(config) == str(bot) and hook.proves(config, secret)


def _opened(channel: StoredChannel) -> Mapping[str, str]:
    """Return a channel's configuration in clear, empty when its secrets cannot be opened any more."""
    try:
        return sealing.opened(registry.kind(channel.kind), channel.config)
    except Invalid:
        return {}


def _name(channel: StoredChannel, text: str) -> str:
    """Return a name as a shared channel's chat tells it; the chat of one person may call others what that person wants."""
    return "" if channel.owner is not None else " ".join(stripped(text).split())[:_LONGEST_NAME]
