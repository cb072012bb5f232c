"""What the pages of accounts share."""

import contextlib
from collections.abc import Iterator

from django.forms import Form
from django.http import HttpResponseRedirect

from vedette.accounts import mailing
from vedette.accounts.middleware import Request
from vedette.accounts.models import User
from vedette.core.errors import Invalid, NotFound
from vedette.plumbing.ports import ports


@contextlib.contextmanager
def errors_into(form: Form) -> Iterator[None]:
    """Put what a verb found wrong with its input at the fields of the form (or above them), and go on after the block."""
    try:
        yield
    except Invalid as error:
        for field, text in (error.fields or {"": str(error)}).items():
            form.add_error(field if field in form.fields else None, text)


def person(request: Request) -> User:
    """Return the row of who is signed in; raises `NotFound` for tokens of nobody."""
    found = User.objects.filter(id=request.actor.id).first()
    if found is None:
        raise NotFound("There is no account behind this request.")
    return found


def back(path: str, place: str = "") -> HttpResponseRedirect:
    """Return a redirect to a page of ours after a form was taken."""
    return HttpResponseRedirect(f"{path}#{place}" if place else path)


def tell(to: str, what: str) -> None:
    """Mail somebody about a change of the account, where mail is set up."""
    if mailing.can_mail():
        text = f"{what}\n\nIf that was not you, tell an owner of {ports().settings.public_url} at once.\n"
        letter = mailing.letter(to, "Your Vedette account was changed", text, ports().clock.now())
        mailing.send_later(letter)
