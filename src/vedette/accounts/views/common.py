"""What the pages of accounts share."""

import contextlib
from collections.abc import Iterator

from django.forms import Form
from django.http import HttpResponseRedirect

from vedette.accounts.middleware import Request
from vedette.accounts.models import User
from vedette.core.errors import Invalid, NotFound


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
