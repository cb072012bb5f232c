"""A host that is made of values: for tests."""

import stat
from collections.abc import Mapping

import msgspec

from vedette.instruments.live import passwords
from vedette.instruments.live.passwords import SECRET
from vedette.instruments.live.types import FileStatus, Listener, Missing, PasswordState, Sweep, Unreadable


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a made host; with `text` None it is a folder."""

    text: str | None = ""
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    changed: float = 1_763_990_000.0


class MemoryLive:
    """A made host: `files` by path, `says` by the words of a command; whatever is not named is not there.

    A text in `files` is a file of root's with mode 0644. A command whose answer is None fails.
    """

    def __init__(
        self,
        files: Mapping[str, Made | str] | None = None,
        says: Mapping[str, str | None] | None = None,
        *,
        listens: tuple[Listener, ...] = (),
        now: float = 1_764_000_000.0,
        whole: bool = True,
    ) -> None:
        self.now = now
        self._files = {p: Made(text=f) if isinstance(f, str) else f for p, f in (files or {}).items()}
        self._says = dict(says or {})
        self._listens = listens
        self._whole = whole

    def text(self, path: str) -> str:
        """Return a file's text."""
        if path in SECRET:
            raise Unreadable(f"{path} holds secrets and is not read as text.")
        return self._text(path)

    def status(self, path: str) -> FileStatus:
        """Return what a path is."""
        found = self._file(path)
        return FileStatus(kind="folder" if found.text is None else "file", mode=found.mode, uid=found.uid, gid=found.gid, size=len(found.text or ""), changed=found.changed)  # fmt: skip

    def names(self, path: str) -> tuple[str, ...]:
        """Return the names in a folder."""
        base = path.rstrip("/") + "/"
        found = {p[len(base) :].split("/")[0] for p in self._files if p.startswith(base)}
        if not found and path not in self._files:
            raise Missing(f"{path} is not there.")
        return tuple(sorted(found))

    def ran(self, *argv: str) -> str:
        """Return what a program says."""
        words = " ".join(argv)
        if words not in self._says:
            raise Missing(f"There is no program {argv[0]} on this host.")
        said = self._says[words]
        if said is None:
            raise Unreadable(f"{argv[0]} failed with 1: it says nothing")
        return said

    def passwords(self) -> tuple[PasswordState, ...]:
        """Return the state of every user's password."""
        return passwords.states(self._text("/etc/shadow"))

    def listening(self) -> tuple[Listener, ...]:
        """Return what listens."""
        return self._listens

    def sweep(self) -> Sweep:
        """Return what the made files are."""
        regular = {p: f for p, f in self._files.items() if f.text is not None}
        folders = {p: f for p, f in self._files.items() if f.text is None}
        return Sweep(
            whole=self._whole,
            writable=tuple(p for p, f in regular.items() if f.mode & stat.S_IWOTH),
            unsticky=tuple(p for p, f in folders.items() if f.mode & stat.S_IWOTH and not f.mode & stat.S_ISVTX),
            set_id=tuple(p for p, f in regular.items() if f.mode & (stat.S_ISUID | stat.S_ISGID)),
            owners={f.uid: p for p, f in self._files.items()},
            groups={f.gid: p for p, f in self._files.items()},
        )  # fmt: skip

    def _text(self, path: str) -> str:
        found = self._file(path)
        if found.text is None:
            raise Unreadable(f"{path} is no file.")
        return found.text

    def _file(self, path: str) -> Made:
        found = self._files.get(path)
        if found is not None:
            return found
        if any(other.startswith(path.rstrip("/") + "/") for other in self._files):
            return Made(text=None, mode=0o755)
        raise Missing(f"{path} is not there.")
