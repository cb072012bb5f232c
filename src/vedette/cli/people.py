"""`vedette users …` and `vedette tokens …`."""

import sys

from vedette.cli.out import emit, one_of, table
from vedette.core.errors import NotFound


def add_user(
    name: str, email: str, *, role: str = "member", password_stdin: bool = False, json: bool = False
) -> None:
    """Invite a person by a link that works once, or add one with a password read from standard input.

    Parameters
    ----------
    name
        The person's name.
    email
        What they sign in with.
    role
        owner, admin, member or viewer.
    password_stdin
        Read the password from standard input instead of printing an invitation.
    json
        Print JSON.
    """
    from vedette.accounts.permissions import SYSTEM, Role
    from vedette.app import tools

    chosen = one_of(Role, role, "--role")
    with tools.opened() as ports:
        from vedette.accounts import service as accounts

        now = ports.clock.now()
        if password_stdin:
            made = accounts.create_user(SYSTEM, name, email, sys.stdin.readline().rstrip("\r\n"), chosen, now)
            value: dict[str, object] = {"id": made.id, "email": made.email, "role": chosen.value}
            text = f"{made.name} can sign in as {made.email} ({chosen.value})."
        else:
            invited = accounts.invite(SYSTEM, email, chosen, now)
            value = {"email": email, "role": chosen.value, "link": invited.link, "mailed": invited.mailed}
            text = f"Give {name} this link; it works once, for 7 days:\n{invited.link}"
        tools.tell_server(ports)
    emit(value, text, json=json)


def list_users(*, json: bool = False) -> None:
    """List everybody who may sign in."""
    from vedette.app import tools

    with tools.opened():
        from vedette.accounts import service as accounts

        found = accounts.users()
    rows = [
        {"name": m.ref.name, "email": m.ref.email, "role": m.ref.role.value, "active": "yes" if m.active else "no"}
        for m in found
    ]  # fmt: skip
    value = [{**row, "id": m.ref.id, "active": m.active} for row, m in zip(rows, found, strict=True)]
    emit(value, table(rows, "Nobody yet: `vedette up` prints a link for the first one."), json=json)


def reset_two_factor(email: str, *, json: bool = False) -> None:
    """Take a person's authenticator, passkeys and recovery codes away, for one who lost them; their sessions end.

    Parameters
    ----------
    email
        What they sign in with.
    json
        Print JSON.
    """
    from vedette.accounts.permissions import SYSTEM
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.accounts import service as accounts

        found = next((m.ref for m in accounts.users() if m.ref.email.lower() == email.lower()), None)
        if found is None:
            raise NotFound(f"Nobody signs in as {email}: `vedette users list` names everybody.")
        accounts.reset_second_factor(SYSTEM, found.id, ports.clock.now())
        tools.tell_server(ports)
    emit(
        {"email": found.email},
        f"{found.name} signs in with the password alone until a new authenticator is set up.",
        json=json,
    )


def add_token(
    name: str, *, scope: tuple[str, ...] = ("read",), days: int | None = None, json: bool = False
) -> None:
    """Make a token for the REST API; it is printed once.

    Parameters
    ----------
    name
        What it is for.
    scope
        read, write or admin; may be repeated.
    days
        After how many days it expires; never without this.
    json
        Print JSON.
    """
    from vedette.accounts.permissions import SYSTEM, Scope
    from vedette.app import tools

    scopes = [one_of(Scope, text, "--scope") for text in scope]
    with tools.opened() as ports:
        from vedette.accounts import service as accounts

        now = ports.clock.now()
        expires = now + days * 86_400.0 if days is not None else None
        secret, _ = accounts.create_token(SYSTEM, name, scopes, now, expires)
        tools.tell_server(ports)
    emit({"token": secret}, secret, json=json)
