"""Templates of notices as people set them: for all channels, and for each kind; tried before they are kept."""

from collections.abc import Mapping

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.core.errors import Invalid, NotFound
from vedette.notify import rendering
from vedette.notify.channels import registry
from vedette.notify.parsing import parsed
from vedette.notify.plain import plain
from vedette.notify.store import deliveries as log
from vedette.notify.store import wordings as store
from vedette.notify.types import Notice, Told, Wording
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports

ALL = "all"


def wordings() -> Mapping[str, Wording]:
    """Return the templates that were set, by kind of channel; `all` is that of every kind without one."""
    return store.wordings()


def wording(kind: str) -> Wording:
    """Return the template of a kind as it was set, an empty one when it was not; raises `NotFound`."""
    _known(kind)
    return store.wordings().get(kind, Wording())


def set_wording(actor: Actor, kind: str, given: Wording, now: float) -> None:
    """Keep a template; raises `Invalid` that blames title or text with line and column, `NotFound`, `Forbidden`."""
    require(actor, Verb.CHANNEL_WRITE)
    _checked(kind, given)
    with transaction():
        store.put(kind, given)
        accounts.audit(actor, "template.update", f"template {kind}", {}, now)


def reset_wording(actor: Actor, kind: str, now: float) -> None:
    """Go back to the default; raises `NotFound`, `Forbidden`."""
    require(actor, Verb.CHANNEL_WRITE)
    _known(kind)
    with transaction():
        if store.drop(kind):
            accounts.audit(actor, "template.reset", f"template {kind}", {}, now)


def preview(actor: Actor, kind: str, given: Wording, now: float, *, last: bool = False) -> Wording:
    """Return what a template makes of a sample, or of the last notice that was queued for such a channel of everybody's.

    Raises `Invalid` as `set_wording` does, `NotFound` when there is no last notice, `Forbidden`.
    """
    require(actor, Verb.CHANNEL_WRITE)
    _checked(kind, given)
    notice = (
        log.last_notice(None if kind == ALL else kind) if last else sample(ports().settings.public_url, now)
    )
    if notice is None:
        raise NotFound("No such channel was told of anything yet; look at the sample.")
    made = rendering.worded(notice, given)
    shown = plain(msgspec.structs.replace(notice, title=made.title, text=made.text), notice.receiver)
    return Wording(title=shown.title, text=shown.text)


def apply(notice: Notice, kind: str) -> tuple[Notice, str]:
    """Return the notice in the words of its channel's template, and what went wrong.

    A template that fails changes nothing but that the text says so at its end.
    """
    given = store.of(kind, ALL)
    if given is None:
        return notice, ""
    try:
        made = rendering.worded(notice, given)
    except Invalid as error:
        why = f"The template failed, these are the default words: {error}"
        return msgspec.structs.replace(notice, text=f"{notice.text}\n\n{why}".strip()), why
    return msgspec.structs.replace(notice, title=made.title, text=made.text), ""


def sample(base_url: str, now: float) -> Notice:
    """Return the notice a preview shows."""
    link = f"{base_url}/issues/SHOP-4F/"
    labels = {"alertname": "issue.new", "project": "1", "room": "errors", "subject": "SHOP-4F"}
    title, text = "ZeroDivisionError: division by zero", "shop/cart.py in total"
    told = Told(
        labels=labels, annotations={"summary": title, "description": text}, state="firing", fingerprint="9c2f0f1f5a3f1f77",
        starts=now, ends=None, link=link,
    )  # fmt: skip
    return Notice(
        title=title, text=text, severity="high", link=link, at=now, project="shop", labels=labels, alerts=(told,),
        reason="Rule “New issue”: A new issue. Nobody was told yet.", group="sample", receiver="Sample",
    )  # fmt: skip


def _known(kind: str) -> None:
    if kind != ALL and kind not in registry.kinds():
        raise NotFound(f"There is no kind of channel named {kind}.")


def _checked(kind: str, given: Wording) -> None:
    _known(kind)
    wrong = {}
    for field, source in (("title", given.title), ("text", given.text)):
        try:
            parsed(source)
        except Invalid as error:
            wrong[field] = str(error)
    if wrong:
        raise Invalid("; ".join(f"{field}: {what}" for field, what in wrong.items()), wrong)
