"""The filter of leaked passwords, asked on this machine: no password and no part of one leaves it."""

from pathlib import Path

from vedette.accounts import passwords
from vedette.core.errors import Invalid
from vedette.plumbing.breaches import reader
from vedette.plumbing.ports import ports


class _Last:
    """What went wrong when the filter was last asked, and with which file (modified at, bytes)."""

    problem = ""
    file: tuple[int, int] | None = None


def password_problems(password: str, about: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is wrong with a password that somebody chose; goes on without the filter when that is broken."""
    return passwords.problems(password, about, leaked=is_leaked(password))


def is_leaked(password: str) -> bool:
    """Tell whether a password stands in the installed filter; False without one, or with a broken one."""
    path = _path()
    try:
        found = reader.holds(path, password)
    except Invalid as error:
        _Last.problem, _Last.file = str(error), _stat(path)
        return False
    _Last.problem = ""
    return found


def filter_problem() -> str:
    """Return why passwords are not compared with the installed filter; empty when they are, or none is installed."""
    path = _path()
    try:
        reader.head(path)
    except Invalid as error:
        return str(error)
    return _Last.problem if _Last.file == _stat(path) else ""


def _path() -> Path:
    settings = ports().settings
    return reader.path_of(settings.data, settings.password_filter)


def _stat(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
