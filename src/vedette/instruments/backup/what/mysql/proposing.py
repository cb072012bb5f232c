"""Which MySQL or MariaDB a host has, by sockets and folders of data. Pure over a root folder."""

from pathlib import Path

from vedette.wire.backup import Proposal, What

_SOCKETS = (
    "run/mysqld/mysqld.sock",
    "var/run/mysqld/mysqld.sock",
    "tmp/mysql.sock",
    "var/lib/mysql/mysql.sock",
)


def propose(root: Path) -> tuple[Proposal, ...]:
    """Return a proposal for a server that listens at a usual socket, or whose data lie in the usual folder."""
    found = next((name for name in _SOCKETS if (root / name).is_socket()), "")
    if found:
        settings: dict[str, object] = {} if found == _SOCKETS[0] else {"socket": f"/{found}"}
        sentence = f"MySQL or MariaDB listens at /{found}."
        return (Proposal(what=What(kind="mysql", settings=settings), sentence=sentence),)
    if (root / "var/lib/mysql/ibdata1").is_file():
        sentence = (
            "There are data of MySQL or MariaDB, and it does not run; start it, then its dump can be saved."
        )
        return (Proposal(what=What(kind="mysql"), sentence=sentence),)
    return ()
