"""What facts say, in the words that measures ask in: packages, users, settings of a file with some of them changed. Pure."""

import fnmatch
import re
from collections.abc import Iterator, Mapping

from vedette.instruments.audit.asking import settings
from vedette.instruments.audit.registry import checks
from vedette.instruments.harden.types import Facts, Put, Wanted

STATUS = "/var/lib/dpkg/status"
_PERSON = 1000  # the first number of a person (UID_MIN of login.defs)


def installed(facts: Facts) -> frozenset[str]:
    """Return the names of the packages that are installed."""
    return frozenset(re.findall(r"(?m)^Package: (\S+)$", facts.text(STATUS)))


def user_ids(facts: Facts) -> Mapping[str, int]:
    """Return the number of each user."""
    return {"root": 0, **_numbers(facts.text("/etc/passwd"))}


def group_ids(facts: Facts) -> Mapping[str, int]:
    """Return the number of each group."""
    return {"root": 0, **_numbers(facts.text("/etc/group"))}


def _numbers(text: str) -> dict[str, int]:
    rows = (line.split(":") for line in text.splitlines())
    return {row[0]: int(row[2]) for row in rows if len(row) > 2 and row[2].isdigit()}


def with_keys(facts: Facts) -> list[str]:
    """Return the users for whom keys are kept where sshd looks by itself, and who signed in now, by name."""
    rows = (line.split(":") for line in facts.text("/etc/passwd").splitlines())
    found = {
        row[0]
        for row in rows
        if len(row) > 5 and facts.text(f"{row[5].rstrip('/')}/.ssh/authorized_keys").strip()
    }
    return sorted(found | {facts.login})


def people(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield the name and home of each person."""
    for row in (line.split(":") for line in facts.text("/etc/passwd").splitlines()):
        if len(row) > 6 and row[2].isdigit() and _PERSON <= int(row[2]) < 60_000:
            yield row[0], row[5]


def sshd(facts: Facts, name: str) -> list[str]:
    """Return the values of an option as sshd told them before (`sshd -T`)."""
    lines = (line.strip().partition(" ") for line in facts.says.get("sshd -T", "").splitlines())
    return [value.strip() for key, _, value in lines if key.lower() == name]


def with_settings(facts: Facts, path: str, wanted: Mapping[str, str], between: str = " ") -> Iterator[Put]:
    """Yield a file with some settings changed or added, all else as it is; nothing where there is no such file."""
    found = facts.files.get(path)
    if found is None or found.text is None:
        return
    yield Put(path=path, text=with_values(found.text, wanted, between), mode=found.mode, owner="", group="")


def with_values(text: str, wanted: Mapping[str, str], between: str = " ") -> str:
    """Return a text of settings with some of them changed where they stand, or added; all else stays as it is."""
    has = settings(text)
    for key, value in wanted.items():
        if has.get(key.lower(), "") != value or _count(text, key) > 1:
            text = _with(text, key, f"{key}{between}{value}")
    return text


def _count(text: str, key: str) -> int:
    return len(re.findall(rf"(?mi)^[ \t]*{re.escape(key)}\b", text))


def _with(text: str, key: str, line: str) -> str:
    """Replace a setting where it stands first, and switch off what comes after it; a setting that is not there is added."""
    pattern = re.compile(rf"(?m)^[ \t]*{re.escape(key)}\b.*$", re.IGNORECASE)
    first = pattern.search(text)
    if first is None:
        return f"{text.rstrip(chr(10))}\n{line}\n" if text else f"{line}\n"
    rest = pattern.sub(lambda found: f"# {found[0].strip()}", text[first.end() :])
    return f"{text[: first.start()]}{line}{rest}"


def with_line(text: str, line: str, *, first: bool = False) -> str:
    """Return a text that has a line, added at its beginning or end."""
    if line in (each.strip() for each in text.splitlines()):
        return text
    return f"{line}\n{text}" if first else f"{text.rstrip(chr(10))}\n{line}\n" if text else f"{line}\n"


def is_waived(path: str, wanted: Wanted) -> bool:
    """Tell whether a check that looks at this path is waived."""
    known = checks()
    return any(fnmatch.fnmatchcase(path, known[each].reads) for each in wanted.waived if each in known)
