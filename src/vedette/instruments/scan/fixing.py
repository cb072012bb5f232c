"""The smallest patch that upgrades what is weak: shown, or written whole or not at all. No package manager is run."""

import contextlib
import difflib
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from vedette.core.errors import Conflict
from vedette.instruments.scan import editing
from vedette.instruments.scan.editing import Refused, Wanted
from vedette.instruments.scan.inventory import opening, telling
from vedette.instruments.scan.inventory.types import Broken
from vedette.instruments.scan.upgrading import Upgrade

_CONTROL = frozenset(map(chr, range(32))) - set("\t\n\r") | {"\x7f"}


class Change(msgspec.Struct, frozen=True):
    """A file, by its path from the root, as it was and as it shall be."""

    file: str
    before: str
    after: str

    @property
    def diff(self) -> str:
        """Return it as a unified diff."""
        rows = difflib.unified_diff(
            self.before.splitlines(keepends=True),
            self.after.splitlines(keepends=True),
            f"a/{self.file}",
            f"b/{self.file}",
        )
        return "".join(
            each if each.endswith("\n") else f"{each}\n\\ No newline at end of file\n" for each in rows
        )


class Patch(msgspec.Struct, frozen=True):
    """What is changed, what is not and why, and the commands that make lock files follow."""

    changes: tuple[Change, ...]
    refused: tuple[str, ...]
    commands: tuple[str, ...]


def apply(path: Path, upgrades: Sequence[Upgrade], *, write: bool) -> Mapping[str, str]:
    """Return what the patch is, in facts of a report; `write` writes it, and raises `Conflict` where a file changed meanwhile."""
    root = path if path.is_dir() else path.parent
    made = patch(root, upgrades)
    if write:
        write_all(root, made.changes)
    told = {
        "patch": "".join(each.diff for each in made.changes),
        "patched": ", ".join(each.file for each in made.changes) if write else "",
        "refused": "\n".join(made.refused), "next": "\n".join(made.commands),
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}


def patch(root: Path, upgrades: Sequence[Upgrade]) -> Patch:
    """Return the smallest patch; nothing is written."""
    opener = opening.below(root)
    before, after, refused = dict[str, str](), dict[str, str](), list[str]()
    for upgrade in upgrades:
        wanted = editing.wanted(upgrade)
        if wanted is None:
            refused.append(_refusal(upgrade, "no file of its kind can be changed by hand"))
            continue
        text = after.get(wanted.file) or _text(opener, wanted)
        edited = editing.edit(wanted.kind, text, upgrade) if isinstance(text, str) else text
        if isinstance(edited, Refused):
            refused.append(_refusal(upgrade, edited.why))
        elif isinstance(text, str):
            before.setdefault(wanted.file, text)
            after[wanted.file] = edited
    changes = tuple(Change(file, before[file], after[file]) for file in sorted(after))
    return Patch(changes, tuple(refused), tuple(dict.fromkeys(filter(None, map(editing.command, upgrades)))))


def write_all(root: Path, changes: Sequence[Change]) -> None:
    """Write all changes; when one fails, those before it are taken back. Raises `Conflict` where a file is no longer as it was."""
    done: list[Change] = []
    try:
        for each in changes:
            _replace(root / each.file, each.before, each.after)
            done.append(each)
    except (OSError, Conflict):
        for each in reversed(done):
            with contextlib.suppress(OSError, Conflict):
                _replace(root / each.file, each.after, each.before)
        raise


def _replace(path: Path, before: str, after: str) -> None:
    """Replace a file by one with the same rights at once, so that nobody ever sees half of it."""
    told = path.lstat()
    if not stat.S_ISREG(told.st_mode) or path.read_bytes() != before.encode():
        raise Conflict(
            f"{telling.printable(str(path))} changed meanwhile, or is a link; nothing was changed. Scan again."
        )
    with _beside(path) as (file, name):
        file.write(after.encode())
        file.flush()
        os.fsync(file.fileno())
        os.fchmod(file.fileno(), stat.S_IMODE(told.st_mode))
        Path(name).replace(path)


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[tuple["tempfile._TemporaryFileWrapper[bytes]", str]]:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".vedette-", delete=False) as file:
        try:
            yield file, file.name
        finally:
            Path(file.name).unlink(missing_ok=True)


def _text(opener: opening.Opener, wanted: Wanted) -> str | Refused:
    try:
        body = opener(wanted.file)
        text = body.decode() if body is not None else None
    except (Broken, UnicodeDecodeError):
        return Refused(f"{telling.printable(wanted.file)} cannot be read")
    if text is None:
        return Refused(f"there is no {telling.printable(wanted.file)}")
    if any(letter in _CONTROL for letter in text):
        return Refused(f"{telling.printable(wanted.file)} holds control characters")
    return text


def _refusal(upgrade: Upgrade, why: str) -> str:
    package = upgrade.component
    return f"{package.name} {package.version} → {upgrade.to} in {package.place}: {why}"
