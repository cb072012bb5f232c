"""Weak code in a tree: our own checks, with bandit's and semgrep's beside them."""

import re
import tempfile
import time
from pathlib import Path

import msgspec

from vedette.instruments.scan.code import guarding, helpers, reading, texts
from vedette.instruments.scan.code.changed import Base
from vedette.instruments.scan.code.checks import CHECKS
from vedette.instruments.scan.code.copying import Copies
from vedette.instruments.scan.code.telling import findings
from vedette.instruments.scan.code.types import WeakSpot
from vedette.instruments.scan.tree import Tree, resolved, shown
from vedette.instruments.scan.types import Asked, CannotKnow, Progress, Scanner, Takes
from vedette.wire.scan import ScanReport, Unknown

LARGEST = 2 * 1024 * 1024
_LET_PASS = re.compile(r"vedette:allow|#\s*nosec\b|#\s*noqa:[^#]*\bS\d{3}\b|nosem(?:grep)?\b")
_MOST_MARKED = 200  # lines of one spot
_TOLD_EVERY = 100


def scan(asked: Asked, progress: Progress) -> ScanReport:
    """Return the weak spots of a tree; raises `CannotKnow` where it, or the base to compare with, cannot be read."""
    with tempfile.TemporaryDirectory(prefix="vedette-code-") as scratch:
        look = _Look(asked, progress, Path(scratch))
        look.files()
        look.bandit()
        look.semgrep()
        spots = look.new()
    return ScanReport(
        scanner="code", target=asked.target, at=asked.now, findings=tuple(findings(spots)), unknown=tuple(look.unknown),
        facts=look.facts, complete=not look.unknown and not asked.options.get("diff"),
    )  # fmt: skip


class _Look:
    """One look at a tree, and what it could not know."""

    def __init__(self, asked: Asked, progress: Progress, scratch: Path) -> None:
        self._asked, self._progress = asked, progress
        self._root = resolved(Path(asked.target))
        self._python_copies = Copies(_made(scratch / "python"), plain=True)
        self._copies = Copies(_made(scratch / "all"), plain=False)
        self._until = time.monotonic() + asked.deadline
        self._base = (
            Base(self._root, asked.options["diff"], asked.deadline) if asked.options.get("diff") else None
        )
        self._lines: dict[str, list[bytes]] = {}
        self._spots: list[WeakSpot] = []
        self.unknown: list[Unknown] = []
        self.facts: dict[str, str] = {}

    def files(self) -> None:
        """Look at each file by our own checks."""
        tree, imported, served, guarded = Tree(self._root, LARGEST, wanted=_wanted), set[str](), "", False
        for path, content in tree.texts():
            if time.monotonic() > self._until:
                self._blind(path, "Time was up here.", "Give the scan more time, or scan a part.")
                break
            if tree.files % _TOLD_EVERY == 1:
                self._progress(shown(path), None)
            self._copy(path, content)
            guarded = guarded or guarding.names_guard(content)
            if path.endswith(".py"):
                imported |= self._python(path, content)
                served = served or (path if guarding.makes_application(content) else "")
            elif texts.reads(path):
                self._keep(path, content, texts.spots(content, path))
        self.unknown += tree.unknown
        if not tree.files and not self.unknown:
            self.unknown.append(tree.nothing())
        self.facts |= {
            **tree.facts(),
            "frameworks": guarding.told(imported),
            "guard": "yes" if guarded else "no",
        }
        if served and guarding.told(imported) and not guarded:
            self._spots.append(WeakSpot(check=CHECKS["guard-missing"], path=served, line=1))

    def bandit(self) -> None:
        """Have bandit look, where it is installed and wanted."""
        command = helpers.bandit_command()
        if self._asked.options.get("bandit", "yes") == "no":
            self.facts["bandit"] = "left out"
        elif command:
            self._helped("bandit", lambda seconds: helpers.run_bandit(command, self._python_copies, seconds))
        else:
            self.facts["bandit"] = "not installed"
            if "bandit" in self._asked.options.get("require", "").split(","):
                self._blind(
                    "bandit",
                    "bandit is required and not installed.",
                    "Install it (`pip install bandit`) beside Vedette.",
                )

    def semgrep(self) -> None:
        """Have semgrep look by the rules that are named."""
        rules, required = (
            self._asked.options.get("semgrep", ""),
            "semgrep" in self._asked.options.get("require", "").split(","),
        )
        if rules:
            program = self._asked.options.get("semgrep-program", "semgrep")
            self._helped(
                "semgrep", lambda seconds: helpers.run_semgrep(program, Path(rules), self._copies, seconds)
            )
        elif required:
            self._blind(
                "semgrep",
                "semgrep is required and no rules are named.",
                "Name a file or folder of rules (semgrep=PATH).",
            )

    def new(self) -> list[WeakSpot]:
        """Return the spots that count: with their lines, without those that a person let pass or that were there before."""
        counting = [each for each in map(self._with_line, self._spots) if not self._is_marked(each)]
        if len(counting) < len(self._spots):
            self.facts["let pass by a mark"] = str(len(self._spots) - len(counting))
        return [each for each in counting if self._is_new(each)]

    def _is_marked(self, spot: WeakSpot) -> bool:
        first, last = spot.marked if any(spot.marked) else (spot.line, spot.line)
        lines = self._content(spot.path)[max(0, first - 1) : min(last, first + _MOST_MARKED)]
        return any(_LET_PASS.search(each.decode("utf-8", "replace")) for each in lines)

    def _python(self, path: str, content: bytes) -> frozenset[str]:
        try:
            spots, imported = reading.read(content, path)
        except ValueError as error:
            self._blind(path, f"It is no Python that can be read: {error}", "Correct it, or scan without it.")
            return frozenset()
        self._keep(path, content, spots)
        return imported

    def _keep(self, path: str, content: bytes, spots: list[tuple[str, int]]) -> None:
        if spots:
            self._lines[path] = content.splitlines()
            self._spots += [WeakSpot(check=CHECKS[check], path=path, line=line) for check, line in spots]

    def _copy(self, path: str, content: bytes) -> None:
        if self._asked.options.get("bandit", "yes") != "no" and path.endswith((".py", ".pyw")):
            self._python_copies.add(path, content)
        if self._asked.options.get("semgrep"):
            self._copies.add(path, content)

    def _helped(self, name: str, run: helpers.Run) -> None:
        self._progress(name, None)
        try:
            spots, unknown = run(max(1.0, self._until - time.monotonic()))
        except CannotKnow as error:
            self._blind(name, str(error), error.fix)
            return
        told = {each.subject for each in self.unknown}
        self._spots += spots
        self.unknown += [each for each in unknown if each.subject not in told]
        self.facts[name] = f"{len(spots)} told"

    def _with_line(self, spot: WeakSpot) -> WeakSpot:
        lines = self._content(spot.path)
        line = lines[spot.line - 1] if 0 < spot.line <= len(lines) else b""
        return msgspec.structs.replace(spot, code=line.decode("utf-8", "replace"))

    def _is_new(self, spot: WeakSpot) -> bool:
        if self._base is None:
            return True
        changed = self._base.changed(spot.path, b"\n".join(self._content(spot.path)))
        return changed is None or spot.line in changed

    def _content(self, path: str) -> list[bytes]:
        if path not in self._lines:
            content = self._python_copies.content(path)
            content = self._copies.content(path) if content is None else content
            self._lines[path] = (content or b"").splitlines()
        return self._lines[path]

    def _blind(self, subject: str, why: str, fix: str) -> None:
        self.unknown.append(Unknown(subject=shown(subject), why=why, fix=fix))


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _wanted(path: str, head: bytes) -> bool:
    """Whether a large file is one that would be looked at; of minified scripts hardly a line is."""
    return path.endswith((".py", ".pyw")) or (
        texts.reads(path) and head.count(b"\n") * texts.LONGEST > len(head)
    )


SCANNER = Scanner(
    kind="code", label="Code", takes=Takes.PATH, scan=scan,
    about="Weak code by checks for web frameworks of our own, bandit and semgrep; nothing of it is run.",
    options={
        "diff": "a commit or branch: only findings on lines that changed since it",
        "bandit": "no leaves bandit out (yes by default, where it is installed)",
        "semgrep": "a file or folder of semgrep's rules on this machine; without it semgrep is not run",
        "semgrep-program": "where semgrep is (semgrep by default)",
        "require": "bandit, semgrep or both: without them the scan could not know",
    },
)  # fmt: skip
