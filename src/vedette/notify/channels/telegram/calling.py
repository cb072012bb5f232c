"""A call of Telegram's Bot API (core.telegram.org/bots/api#making-requests), and what its refusals mean."""

from collections.abc import Mapping

import msgspec

from vedette.notify.channels.posting import parsed, post, refusal

PUBLIC = "https://api.telegram.org"
_ADVICE = {
    400: "Check the chat: write to the bot, or add it to the group, then ask it for the chat's number.",
    401: "The bot token is not valid any more: get a new one from @BotFather.",
    403: "The bot may not write there: start it, or add it to the chat again.",
    404: "The bot token is wrong: copy it again from @BotFather.",
    429: "Telegram's limit is reached; Vedette tries again when it may.",
}


class Sent(msgspec.Struct, frozen=True):
    """A message as Telegram took it."""

    message_id: int = 0


class Parameters(msgspec.Struct, frozen=True):
    """What an error says beside its words; seconds to wait."""

    retry_after: float | None = None


class Answer(msgspec.Struct, frozen=True):
    """What Telegram says; `result` is the message it sent, or true."""

    ok: bool
    description: str = ""
    result: Sent | bool | None = None
    parameters: Parameters = Parameters()


def call(config: Mapping[str, str], method: str, asked: msgspec.Struct, deadline: float = 10.0) -> Answer:
    """Return what Telegram answers to a method; raises `ChannelError` when it refuses. `deadline` is in seconds."""
    token = config["token"]
    url = f"{(config.get('server') or PUBLIC).rstrip('/')}/bot{token}/{method}"
    response = post(url, msgspec.json.encode(asked), hidden=(token,), deadline=deadline)
    answer = parsed(response, Answer) or Answer(ok=False)
    if response.status == 200 and answer.ok:
        return answer
    wait, advice = answer.parameters.retry_after, _ADVICE.get(response.status, "")
    raise refusal(response, answer.description, advice, hidden=(token,), wait=wait)
