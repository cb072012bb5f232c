"""Secrets in a tree and in its whole history."""

import time
from collections.abc import Iterator
from pathlib import Path

from vedette.core.errors import Invalid
from vedette.instruments.scan.gitting import holding
from vedette.instruments.scan.secrets import baseline
from vedette.instruments.scan.secrets.certified import Certified
from vedette.instruments.scan.secrets.decoding import text_of
from vedette.instruments.scan.secrets.history import History
from vedette.instruments.scan.secrets.loading import load, ours
from vedette.instruments.scan.secrets.matching import Search, named_by_path, search
from vedette.instruments.scan.secrets.telling import findings
from vedette.instruments.scan.secrets.types import Hit, Leak, SecretRules
from vedette.instruments.scan.tree import LARGEST, Tree, resolved, shown
from vedette.instruments.scan.types import Asked, CannotKnow, Progress, Scanner, Takes
from vedette.wire.scan import ScanReport, Unknown

MOST = 20_000  # leaks: beyond that, nobody reads them one by one
_TOLD_EVERY = 200
_MOST_MIB = 512


def scan(asked: Asked, progress: Progress) -> ScanReport:
    """Return the secrets of a path; raises `CannotKnow` where it or the rules cannot be read."""
    look = _Look(asked, progress)
    found = [*look.tree(), *look.history()]
    look.end()
    known = baseline.read(Path(asked.options["baseline"])) if asked.options.get("baseline") else None
    new = [each for each in found if known is None or not known.holds(each)]
    facts = {
        **look.facts(),
        "rules": str(len(look.rules.rules)),
        **({"known": str(len(found) - len(new))} if known else {}),
    }
    return ScanReport(
        scanner="secrets", target=asked.target, at=asked.now, findings=tuple(findings(new, asked.now)),
        unknown=tuple(look.unknown), facts=facts, complete=not look.unknown,
    )  # fmt: skip


class _Look:
    """One look at a path, and what it could not know."""

    def __init__(self, asked: Asked, progress: Progress) -> None:
        self._asked, self._progress = asked, progress
        self._until = time.monotonic() + asked.deadline
        self.rules = _rules(asked)
        self._search: Search = search(self.rules)
        self._root = resolved(Path(asked.target))
        self._largest = _largest(asked)
        self._tree = Tree(self._root, self._largest, wanted=lambda _, head: text_of(head) is not None)
        self._certified = Certified(self._root if self._root.is_dir() else None)
        self.unknown: list[Unknown] = []
        self._count = 0
        self._past: History | None = None

    def tree(self) -> Iterator[Leak]:
        """Yield what stands in files."""
        for path, content in self._tree.texts():
            if time.monotonic() > self._until:
                self._stop(f"Time was up at {shown(path)}.", "Give it more time (deadline).")
                break
            if self._tree.files % _TOLD_EVERY == 1:
                self._progress(shown(path), None)
            yield from self._bounded(self._in_file(path, content))
        self.unknown += self._tree.unknown

    def history(self) -> Iterator[Leak]:
        """Yield what stands in the past alone or too, where there is a repository and it is wanted."""
        if self._asked.options.get("history", "yes") == "no":
            return
        try:
            repository = holding(self._root, max(1.0, self._until - time.monotonic()))
            if repository is None:
                return
            if repository.shallow():
                self._stop("The clone is shallow: its history is cut off.", "Fetch all of it (`git fetch --unshallow`, in CI `fetch-depth: 0`), or scan without the past (history=no).")  # fmt: skip
            self._past = History(repository, self._root, self._search, self._until, self._largest, unreached=self._asked.options.get("all-history", "no") == "yes")  # fmt: skip
            yield from self._bounded(self._past.leaks(self._progress))
            self.unknown += self._past.unknown
        except CannotKnow as error:
            self._stop(str(error), error.fix)

    def end(self) -> None:
        """Tell, where there was nothing to look at, that nothing was looked at."""
        if not self._tree.files and not (self._past and self._past.blobs) and not self.unknown:
            self.unknown.append(self._tree.nothing())

    def facts(self) -> dict[str, str]:
        """Return what was looked at."""
        past = self._past
        told = {"contents of the past": str(past.blobs), "bytes of the past": str(past.size)} if past else {}
        return {**self._tree.facts(), **told}

    def _in_file(self, path: str, content: bytes) -> Iterator[Leak]:
        store = named_by_path(self.rules, path)
        if store:
            yield Leak(hit=Hit(rule=store, secret=path.encode("utf-8", "surrogateescape"), line=1), path=path)
        text = text_of(content)
        for hit in self._search(text, path, "") if text else ():
            yield Leak(hit=hit, path=path, certified=self._certified.ends(hit.secret, text or b"", path))

    def _bounded(self, leaks: Iterator[Leak]) -> Iterator[Leak]:
        for each in leaks:
            self._count += 1
            if self._count > MOST:
                self._stop(f"More than {MOST} secrets; the rest was not looked for.", "Scan a part of it, or let the rules pass what is none.")  # fmt: skip
                return
            yield each

    def _stop(self, why: str, fix: str) -> None:
        self.unknown.append(Unknown(subject=self._asked.target, why=why, fix=fix))


def _largest(asked: Asked) -> int:
    """Return how many bytes a file may have; raises `CannotKnow` where the option is no number of MiB."""
    wanted = asked.options.get("largest", "")
    if not wanted:
        return LARGEST
    if not wanted.isdecimal() or not 0 < int(wanted[:6]) <= _MOST_MIB:
        raise CannotKnow(
            f"largest is a number of MiB from 1 to {_MOST_MIB}, not {shown(wanted[:40])}.",
            "Correct it, or leave it out.",
        )
    return int(wanted) * 1024 * 1024


def _rules(asked: Asked) -> SecretRules:
    named = asked.options.get("rules", "")
    try:
        return load(Path(named)) if named else ours()
    except Invalid as error:
        raise CannotKnow(str(error), "Correct the file of rules, or scan with ours.") from error


SCANNER = Scanner(
    kind="secrets", label="Secrets", takes=Takes.PATH, scan=scan,
    about="Keys, tokens and passwords in a tree and in its whole git history, found offline and shown masked.",
    options={
        "history": "no leaves out what was committed once (yes by default)",
        "all-history": "yes: also what nothing in the repository leads to any more, until git removes it",
        "rules": "a gitleaks.toml instead of our rules (with extend.useDefault beside them)",
        "largest": "how many MiB a file may have to be looked at (5 without it, 512 at most)",
        "baseline": "a report of gitleaks in JSON whose secrets are known already",
    },
)  # fmt: skip
