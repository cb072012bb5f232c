"""`vedette hosts …`: which hosts are watched, and who may speak for them."""

from typing import TYPE_CHECKING

from vedette.cli.out import emit, table
from vedette.core.clock import iso

if TYPE_CHECKING:
    from vedette.hosts.types import Standing


def list_hosts(*, json: bool = False) -> None:
    """List hosts, worst first, and when they were last heard of.

    Parameters
    ----------
    json
        Print JSON.
    """
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.hosts import service

        rows = [_row(one) for one in service.overview(ports.clock.now())]
    emit(rows, table(rows, "No host yet: `vedette hosts token` lets one in."), json=json)


def _row(one: "Standing") -> dict[str, str]:
    host = one.host
    return {
        "id": str(host.id), "name": host.name, "state": host.state.value, "heard_at": iso(host.heard_at) if host.heard_at else "",
        "version": host.version, "how": one.sentence,
    }  # fmt: skip


def make_token(*, json: bool = False) -> None:
    """Make a token that lets one host in, within an hour; it is printed once.

    Parameters
    ----------
    json
        Print JSON.
    """
    from vedette.accounts.permissions import SYSTEM
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.hosts import service

        token, made = service.invite(SYSTEM, ports.clock.now())
        tools.tell_server(ports)
        url = ports.settings.public_url
    text = (
        f"Run on the host, as root, until {iso(made.expires_at)}; the token works once:\n"
        f"vedette agent enroll {url} {token}"
    )
    emit({"token": token, "id": made.id, "expires_at": iso(made.expires_at), "server": url}, text, json=json)


def revoke_host(host: str, *, json: bool = False) -> None:
    """Let a host say and read nothing any more, at once; or end a token that was not used, by its id.

    Parameters
    ----------
    host
        Its name or id, or the id of a token.
    json
        Print JSON.
    """
    _done("revoke", host, "is revoked: it may say nothing any more.", json=json)


def rotate_host(host: str, *, json: bool = False) -> None:
    """Have a host make a new key; the old one ends when the new one is first used.

    Parameters
    ----------
    host
        Its name or id.
    json
        Print JSON.
    """
    _done("rotate", host, "makes a new key as soon as it hears of it.", json=json)


def remove_host(host: str, *, json: bool = False) -> None:
    """Remove a host with all that is known of it.

    Parameters
    ----------
    host
        Its name or id.
    json
        Print JSON.
    """
    _done("remove", host, "is removed, with all that was known of it.", json=json)


def _done(act: str, key: str, said: str, *, json: bool) -> None:
    from vedette.accounts.permissions import SYSTEM
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.hosts import service

        now = ports.clock.now()
        if act == "revoke" and any(one.id == key for one in service.invitations()):
            service.withdraw(SYSTEM, key, now)
            emit({"token": key}, "The token is revoked: it lets nobody in.", json=json)
            return
        found = service.find(key)
        {"revoke": service.revoke, "rotate": service.rotate, "remove": service.remove}[act](
            SYSTEM, found, now
        )
        tools.tell_server(ports)
    emit({"id": found.id, "name": found.name}, f"{found.name} {said}", json=json)
