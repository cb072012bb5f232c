"""Reads a repository by git's plumbing, and lets nothing of it run: no hooks, filters, monitors, textconv or network.

A repository's own configuration may name programs (gitattributes(5), git-config(1): core.fsmonitor, diff.*.textconv,
filter.*, core.sshCommand). Commands that run filters are not used; the rest is switched off on the command line, which
wins over the repository's.
"""

import contextlib
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from vedette.instruments.scan.types import CannotKnow

_OFF = (
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.attributesFile=/dev/null", "core.pager=cat", "core.sshCommand=false",
    "core.untrackedCache=false", "log.showSignature=false", "protocol.allow=never", "diff.external=", "credential.helper=",
    "core.quotePath=false", "log.showRoot=true", "log.diffMerges=separate", "log.follow=false", "log.mailmap=false",
    "diff.relative=false", "diff.orderFile=/dev/null", "diff.ignoreSubmodules=none", "diff.noprefix=false",
)  # fmt: skip
_SHORT = 60.0
_SAID = 300
_LARGEST = 64 * 1024 * 1024
_FIX = "Try `git fsck` there, clone it anew, or scan without its past (history=no)."


class Blob(NamedTuple):
    """A content by its id, and where it came first: path, commit and the author's date."""

    id: str
    path: str
    commit: str
    at: float


Seen = set[tuple[bytes, bytes]]
"""Blobs that were looked at, by id and path."""


class Content(NamedTuple):
    """The bytes of a blob, as many as were wanted, and how many it has."""

    kept: bytes
    size: int


class Repository:
    """A repository whose work tree is at `root`; raises `CannotKnow` where there is none, git is missing or it is damaged."""

    def __init__(self, root: Path, deadline: float) -> None:
        self.root, self._deadline = root.resolve(), deadline

    def ask(self, *words: str, seconds: float = _SHORT) -> bytes:
        """Return what one command of git prints; raises `CannotKnow` with git's own words."""
        try:
            done = subprocess.run(
                self._command(words), env=_environ(), cwd=self.root, capture_output=True, stdin=subprocess.DEVNULL,
                timeout=min(seconds, self._deadline), check=False,
            )  # fmt: skip
        except FileNotFoundError as error:
            raise CannotKnow(
                "git is not installed.", "Install git, or scan without the past (history=no)."
            ) from error
        except subprocess.TimeoutExpired as error:
            raise CannotKnow(
                f"git took more than {error.timeout:.0f} seconds for {words[0]}.", _FIX
            ) from error
        if done.returncode:
            raise CannotKnow(f"git {words[0]} failed: {_said(done.stderr)}", _FIX)
        return done.stdout[:_LARGEST]

    def shallow(self) -> bool:
        """Whether commits are cut off, as a clone of CI has it."""
        return self.ask("rev-parse", "--is-shallow-repository").strip() == b"true"

    def blobs(self, looked_at: Callable[[str], bool], seen: Seen) -> Iterator[Blob]:
        """Yield each blob of the histories of all references and reflogs at each path of it that is looked at, oldest
        first, but for those `seen`, which it adds to; raises `CannotKnow`.

        A path matters: what is let pass at one is not let pass at another.
        """
        words = (
            "log", "--all", "--reflog", "--root", "--reverse", "--topo-order", "--raw", "-z", "-m", "--no-abbrev", "--no-renames", "--no-ext-diff",
            "--no-textconv", "--diff-filter=AMT", "--format=%x01%H %at",
        )  # fmt: skip
        commit, at, raw = "", 0.0, b""
        with self.running(words) as out:
            for token in tokens(out):
                bare = token.lstrip(b"\n")
                if raw:
                    identity, raw = raw.split(b" ")[3], b""
                    path = os.fsdecode(token)
                    if (identity, token) not in seen and looked_at(path):
                        seen.add((identity, token))
                        yield Blob(identity.decode(), path, commit, at)
                elif bare.startswith(b"\x01"):
                    commit, _, when = bare[1:].decode("ascii", "replace").partition(" ")
                    at = float(when) if when.lstrip("-").isdigit() else 0.0
                elif bare.startswith(b":") and bare.split(b" ")[1] in {b"100644", b"100755"}:
                    raw = bare

    @contextlib.contextmanager
    def contents(self) -> Iterator["Contents"]:
        """Open what gives the contents of blobs one after another."""
        with self._started(("cat-file", "--batch"), subprocess.PIPE) as process:
            yield Contents(process)

    @contextlib.contextmanager
    def running(self, words: Sequence[str]) -> Iterator[IO[bytes]]:
        """Give what a command of git prints while it runs; raises `CannotKnow` where it fails."""
        with self._started(words, subprocess.DEVNULL) as process:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            yield process.stdout
            if process.wait(_SHORT):
                raise CannotKnow(f"git {words[0]} failed: its history is damaged or cut off.", _FIX)

    @contextlib.contextmanager
    def _started(self, words: Sequence[str], stdin: int) -> Iterator[subprocess.Popen[bytes]]:
        try:
            process = subprocess.Popen(
                self._command(words), env=_environ(), cwd=self.root, stdin=stdin, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except FileNotFoundError as error:
            raise CannotKnow(
                "git is not installed.", "Install git, or scan without the past (history=no)."
            ) from error
        ends = threading.Timer(self._deadline, process.kill)
        ends.daemon = True
        ends.start()
        try:
            yield process
        finally:
            ends.cancel()
            process.kill()
            process.communicate()

    def _command(self, words: Sequence[str]) -> list[str]:
        off = [word for setting in (*_OFF, f"safe.directory={self.root}") for word in ("-c", setting)]
        return ["git", "--no-pager", "--no-replace-objects", "--literal-pathspecs", *off, *words]


def holding(root: Path, deadline: float) -> Repository | None:
    """Return the repository that a path is or lies in, bare or with a work tree, None where there is none.

    Raises `CannotKnow` where something that looks like a repository is none that git can read.
    """
    above = next((each for each in (root, *root.parents) if _keeps(each)), None)
    if above is None:
        return None
    found = Repository(above, deadline)
    found.ask("rev-parse", "--git-dir")
    return found


class Contents:
    """A `git cat-file --batch` that runs."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - they are pipes
        self._asks, self._says = process.stdin, process.stdout

    def of(self, identity: str, largest: int) -> Content:
        """Return a blob's content, its beginning where it is larger; raises `CannotKnow` where it is missing or damaged."""
        try:
            self._asks.write(identity.encode() + b"\n")
            self._asks.flush()
        except OSError as error:
            raise CannotKnow(f"git stopped at the blob {identity}.", _FIX) from error
        head = self._says.readline().split()
        if len(head) != 3 or not head[2].isdigit():
            raise CannotKnow(f"The repository does not hold the blob {identity} whole.", _FIX)
        return self._content(int(head[2]), identity, largest)

    def _content(self, size: int, identity: str, largest: int) -> Content:
        kept = self._says.read(min(size, largest))
        left = size - len(kept) + 1
        while left > 0 and (piece := self._says.read(min(left, 1024 * 1024))):
            left -= len(piece)
        if left:
            raise CannotKnow(f"The blob {identity} ends too early: the repository is damaged.", _FIX)
        return Content(kept, size)


def _keeps(folder: Path) -> bool:
    """Whether a folder is a repository: by its `.git`, or a bare one by what git itself asks for (setup.c)."""
    if os.path.lexists(folder / ".git"):
        return True
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir() and (folder / "refs").is_dir()


def _environ() -> dict[str, str]:
    """Return an environment in which git reads no configuration but the repository's, asks nobody and fetches nothing."""
    return {
        "PATH": os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"), "HOME": tempfile.gettempdir(), "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_ATTR_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "GIT_ASKPASS": "false",
        "GIT_GRAFT_FILE": os.devnull,
    }  # fmt: skip


def tokens(out: IO[bytes]) -> Iterator[bytes]:
    """Yield what stands between zero bytes; a token of more than a megabyte is none of git's."""
    rest = b""
    while piece := out.read(1 << 16):
        *whole, rest = (rest + piece).split(b"\0")
        yield from (each for each in whole if each)
        if len(rest) > 1 << 20:
            raise CannotKnow("git told a name of more than a megabyte.", _FIX)
    if rest:
        yield rest


def _said(stderr: bytes) -> str:
    text = stderr.decode("utf-8", "replace").strip()[:_SAID]
    return "".join(c if c.isprintable() else " " for c in text) or "it did not say why."
