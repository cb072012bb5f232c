"""What came back, held line by line against the list that was written when it was saved."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from vedette.core import names
from vedette.instruments.backup import excluding
from vedette.instruments.backup.types import Bench, Failed
from vedette.instruments.backup.what import staged
from vedette.instruments.backup.what.paths.gathering import BEGAN, LIST, LIST_SHA256, tops_in, went_of
from vedette.instruments.backup.what.paths.listing import FILE, FOLDER, LINK, Line, line_of, lines
from vedette.instruments.backup.what.paths.settings import Paths
from vedette.wire.backup import Check, Sampled

HOUR = 3_600.0
CALM, FEW = (
    0.5,
    0.01,
)  # shares of files that may change while they are saved, and that may come and go within an hour
_MOST_LINKED = 100_000
_EVERY = 5_000


def prove(settings: Paths, bench: Bench) -> tuple[Check, ...]:
    """Say whether everything on the list came back as it was, rights and links too, and hash what was hashed before."""
    try:
        for top in tops_in(bench.part):
            staged.came_back(bench, top)  # no link on the way to what is compared
        path = staged.came_back(bench, bench.part.facts.get(LIST, ""))
        digest = staged.sha256(path)
    except (Failed, OSError) as error:
        return (
            Check(name="list", passed=False, text=f"The list of what was saved did not come back: {error}"),
        )
    if digest != bench.part.facts.get(LIST_SHA256):
        return (
            Check(
                name="list", passed=False, text="The list of what was saved is not the one that was saved."
            ),
        )
    return _compared(settings, bench, path)


def _compared(settings: Paths, bench: Bench, path: Path) -> tuple[Check, ...]:
    found = _Found(settings, bench)
    try:
        for line in lines(path):
            found.look(line)
    except (msgspec.DecodeError, ValueError) as error:
        return (Check(name="list", passed=False, text=f"The list cannot be read: {error}."),)
    return (
        found.files(),
        found.rights(),
        found.links(),
        staged.timed(lambda: _hashed(bench, found.is_other)),
    )


class _Found:
    """What became of each line."""

    def __init__(self, settings: Paths, bench: Bench) -> None:
        self._bench, self._root = bench, str(bench.root).rstrip("/")
        self._began = float(bench.part.facts.get(BEGAN, "0"))
        self._unread = {*bench.part.unread, *went_of(bench.part)}
        self._restless = excluding.leaving_out(settings.restless)
        self._wanted = _wanted(bench.only)
        self._count = self._changed = self._went = 0
        self._bad: list[str] = []
        self._other_rights: list[str] = []
        self._bad_links: list[str] = []
        self._links = 0
        self._linked: dict[str, str] = {}
        self._rights_kept = _keeps_rights(bench.scratch)

    def look(self, line: Line) -> None:
        """Look where a line should have come back."""
        if not self._wanted(line.name):
            return
        self._count += line.kind == FILE
        if line.kind == FILE and self._count % _EVERY == 0:
            staged.told(self._bench.tools, "Comparing what came back", self._count)
        path = self._root + names.read(line.name)
        try:
            now = line_of(path, os.lstat(path))
        except OSError:
            self._missed(line)
            return
        self._judge(line, now, path)

    def is_other(self, name: str) -> bool:
        """Tell whether a file is not the one that was hashed, by its own time; one that is missing is told by `files`."""
        try:
            found = os.lstat(self._root + names.read(name))
        except OSError:
            return True
        return found.st_mtime > self._began or self._restless(names.read(name))

    def files(self) -> Check:
        """Tell whether every file is there and has its length."""
        bad = list(self._bad)
        if self._went > self._count * FEW:
            bad.append(f"{self._went} names that were made within the hour before did not come back")
        if self._changed > self._count * CALM:
            bad.append(
                f"{self._changed} of {self._count} files changed while they were saved: use a snapshot or a dump"
            )
        if not self._count and self._bench.part.files and not self._bench.only:
            bad.append("no file is on the list")
        text = f"{self._count} files are there and as long as they were"
        text += f"; {self._changed} changed while they were saved" if self._changed else ""
        text += f"; {self._went} came and went meanwhile" if self._went else ""
        return _check("files", bad, text)

    def rights(self) -> Check:
        """Tell whether modes, owners, attributes and ACLs are what they were."""
        text = "modes, owners, attributes and ACLs are as they were"
        if not self._rights_kept or os.geteuid() != 0:
            text = "modes are as they were; owners and attributes cannot be kept where it was restored"
        return _check("rights", self._other_rights, text)

    def links(self) -> Check:
        """Tell whether links lead where they led and hard links are one file again."""
        return _check("links", self._bad_links, f"{self._links} links lead where they led")

    def _missed(self, line: Line) -> None:
        if line.name in self._unread or self._restless(names.read(line.name)):
            return
        if line.changed / 1e9 > self._began - HOUR:
            self._went += 1
        else:
            _keep(self._bad, f"{line.name} did not come back")

    def _judge(self, line: Line, now: Line, path: str) -> None:
        if now.kind != line.kind:
            _keep(self._bad, f"{line.name} came back as something else")
        elif line.kind == FILE:
            self._judge_file(line, now, path)
        elif line.kind == LINK:
            self._links += 1
            if now.more != line.more:
                _keep(self._bad_links, f"{line.name} led to {line.more} and leads to {now.more}")
        elif line.kind == FOLDER:
            self._judge_rights(line, now)

    def _judge_file(self, line: Line, now: Line, path: str) -> None:
        if now.changed != line.changed and now.changed / 1e9 > self._began:
            self._changed += not self._restless(names.read(line.name))
            return
        if now.size != line.size:
            _keep(self._bad, f"{line.name} had {line.size} bytes and has {now.size}")
        if now.changed // 1_000 != line.changed // 1_000:
            _keep(self._other_rights, f"{line.name} has another time than it had")
        self._judge_rights(line, now)
        if line.more:
            self._judge_linked(line, path)

    def _judge_rights(self, line: Line, now: Line) -> None:
        same_owner = os.geteuid() != 0 or (line.uid, line.gid) == (now.uid, now.gid)
        same_rights = not self._rights_kept or line.rights == now.rights
        if line.mode != now.mode:
            _keep(self._other_rights, f"{line.name} had mode {line.mode:04o} and has {now.mode:04o}")
        elif not same_owner:
            _keep(
                self._other_rights,
                f"{line.name} belonged to {line.uid}:{line.gid} and belongs to {now.uid}:{now.gid}",
            )
        elif not same_rights:
            _keep(self._other_rights, f"{line.name} has other attributes or ACLs than it had")

    def _judge_linked(self, line: Line, path: str) -> None:
        first = self._linked.get(line.more)
        if first is None:
            if len(self._linked) < _MOST_LINKED:
                self._linked[line.more] = path
        elif not os.path.samestat(os.lstat(first), os.lstat(path)):
            _keep(self._bad_links, f"{line.name} was one file with another name and is two")


def _hashed(bench: Bench, is_other: Callable[[str], bool]) -> Check:
    wanted, read = _wanted(bench.only), 0
    bad: list[str] = []
    for sample in bench.part.samples:
        if not wanted(sample.name) or is_other(sample.name):
            continue
        read += 1
        bad += _other(bench, sample)
    return _check("content", bad, f"{read} files have the content that was hashed when they were saved")


def _other(bench: Bench, sample: Sampled) -> Iterator[str]:
    try:
        digest = staged.sha256(staged.came_back(bench, sample.name))
    except (Failed, OSError):
        yield f"{sample.name} cannot be read"
        return
    if digest != sample.sha256:
        yield f"{sample.name} has other content than it had"


def _wanted(only: tuple[str, ...]) -> Callable[[str], bool]:
    """Tell whether a name was asked for, where a part alone was restored."""
    if not only:
        return lambda name: True  # noqa: ARG005 - all of it
    whole, below = set(only), tuple(f"{name.rstrip('/')}/" for name in only)
    return lambda name: name in whole or name.startswith(below)


def _keeps_rights(folder: Path) -> bool:
    """Tell whether attributes of users can be kept where it was restored (a file system in memory may not)."""
    probe = folder / ".rights"
    try:
        probe.touch()
        os.setxattr(probe, "user.vedette", b"1")
    except OSError:
        return False
    finally:
        probe.unlink(missing_ok=True)
    return True


def _keep(bad: list[str], text: str) -> None:
    """Keep the first few of what is wrong; the others are counted."""
    bad.append(text if len(bad) < 5 else "")


def _check(name: str, bad: list[str], good: str) -> Check:
    if not bad:
        return Check(name=name, passed=True, text=f"{good}.")
    more = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
    return Check(name=name, passed=False, text=f"{bad[0]}{more}.")
