"""Where chats tell which button of a notice was pressed, or what was commanded; it does what the page's button does.

Nobody is signed in: the chat proves itself (Slack by its signature, Telegram by the secret it was given), and the token
of the button says what to do. So no answer says more than that, and the chat is told in its own way.
"""

from collections.abc import Callable

from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from vedette.accounts import service as accounts
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import open_to_all
from vedette.alerts.answering import answers, commands
from vedette.core.clock import monotonic
from vedette.core.errors import Forbidden, VedetteError
from vedette.notify import service as notify
from vedette.notify.types import Command, Press
from vedette.plumbing.ports import ports
from vedette.ui import problem

MOST_BYTES = 256 * 1024
_PACE = accounts.Pace(per_minute=120)  # a chat's servers speak for many people


@csrf_exempt  # it acts by no session: Slack signs the message
@require_POST
@open_to_all
def slack(request: Request, channel_id: int) -> HttpResponse:
    """Do what was pressed in Slack: 200, 403 without a good signature of the last five minutes, 413, 422, 429."""
    stamp, signed = (
        request.headers.get(f"X-Slack-{name}", "") for name in ("Request-Timestamp", "Signature")
    )
    now = ports().clock.now()
    return _heard(request, lambda body: notify.slack_press(channel_id, stamp, signed, body, now))


@csrf_exempt  # it acts by no session: Telegram bears the secret it was given
@require_POST
@open_to_all
def telegram(request: Request, bot: int) -> HttpResponse:
    """Do what was pressed in Telegram: 200, 403 without the bot's secret, 413, 422, 429."""
    secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
    return _heard(request, lambda body: notify.telegram_press(bot, secret, body))


def _heard(request: Request, read: Callable[[bytes], Press | Command | None]) -> HttpResponse:
    if len(request.body) > MOST_BYTES:
        return problem.problem(413, f"A press has at most {MOST_BYTES} bytes. Nothing was changed.")
    try:
        _PACE.spend(accounts.caller_address(), monotonic())
        heard = read(request.body)
    except VedetteError as error:
        return problem.from_error(error)
    if isinstance(heard, Command):
        said = commands.run(heard, ports().clock.now())
        return HttpResponse(notify.answer_command(heard, said), content_type="application/json")
    if heard is not None:
        _act(heard)
    return HttpResponse(status=200)


def _act(press: Press) -> None:
    try:
        found = answers.act(press.token, ports().clock.now(), press.who)
    except Forbidden as error:
        notify.answer_press(press, str(error), "")
    else:
        notify.answer_press(press, found.said, found.key)
