"""`vedette privacy …`."""

import sys
from typing import TYPE_CHECKING

from vedette.cli.out import emit
from vedette.core.errors import ConfigError, VedetteError

if TYPE_CHECKING:
    from vedette.app.erasing import Erasure


def erase(
    *,
    id: str = "",  # noqa: A002 - the option is --id
    email: str = "",
    project: str = "",
    dry_run: bool = False,
    json: bool = False,
) -> None:
    """Erase what is kept about one end user of your applications; the running server does it, this waits.

    Parameters
    ----------
    id
        The person's id, as the application sends it in user.id.
    email
        The person's e-mail, as the application sends it in user.email.
    project
        Only in this project (its slug); in all without this.
    dry_run
        Change nothing; tell what would go.
    json
        Print JSON: of a dry run what was found, else the receipt.
    """
    from vedette.app import tools

    _check(id, email)
    if not id and not email:
        raise ConfigError("Name one person: --id 4711 or --email anna@example.com.")
    with tools.opened() as ports:
        from vedette.app import erasing
        from vedette.app.erasing import sentence

        done = erasing.erase(
            ports, erasing.named(id, email), project, _say if not json else _quiet, dry_run=dry_run
        )
        if done.problem:
            raise VedetteError(done.problem)
        if dry_run:
            also = f"\nAlso known as: {', '.join(done.also)}. Erase each." if done.also else ""
            emit(done, f"{sentence(done.counts, dry_run=True)}{also}", json=json)
            return
        told, _ = erasing.receipt(done.id, None)
        emit(told, f"{sentence(told.counts, dry_run=False)}\nReceipt: {told.id}", json=json)


def receipt(id_: str, /, *, id: str = "", email: str = "", json: bool = False) -> None:  # noqa: A002
    """Show a receipt and say whether it is genuine; with --id or --email also whether it is about that person.

    Parameters
    ----------
    id_
        The receipt.
    id
        A person's id.
    email
        A person's e-mail.
    json
        Print JSON.
    """
    from vedette.app import tools

    _check(id, email)
    with tools.opened():
        from vedette.app import erasing
        from vedette.app.erasing import sentence

        told, proof = erasing.receipt(id_, erasing.named(id, email) if id or email else None)
    lines = [f"Receipt {told.id}, asked by {told.by}: {sentence(told.counts, dry_run=False)}"]
    lines.append("It is genuine." if proof.genuine else "It was changed since it was written.")
    if proof.about is not None:
        lines.append("It is about this person." if proof.about else "It is not about this person.")
    lines += [f"- stays: {one.what} ({one.why})" for one in told.remains]
    value = {"receipt": told, "genuine": proof.genuine, "about": proof.about}
    emit(value, "\n".join(lines), json=json)
    if not proof.genuine:
        sys.exit(1)


def _check(id_: str, email: str) -> None:
    if id_ and email:
        raise ConfigError("Name --id or --email, not both; erase by each in turn.")


def _say(one: "Erasure") -> None:
    if sys.stderr.isatty():
        print(f"\r{one.stage}: {one.done} of {one.total}   ", end="", file=sys.stderr)


def _quiet(_: "Erasure") -> None:
    """Say nothing: a program reads."""
