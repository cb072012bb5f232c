"""Which package brought a program: by the lists of files that dpkg keeps (`/var/lib/dpkg/info`), and by apk's database."""

import contextlib
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

_LISTS = "var/lib/dpkg/info"
_APK = ("lib/apk/db/installed", "usr/lib/apk/db/installed")
_MOST_LISTS, _LARGEST = 20_000, 8 << 20


def packages_of(root: Path, programs: Collection[str]) -> Mapping[str, str]:
    """Return the package of each program, by its path from the root; a program that no package brought is left out."""
    wanted = {form: path for path in programs for form in _forms(path)}
    return {wanted[form]: name for form, name in (*_of_dpkg(root, wanted), *_of_apk(root, wanted))}


def _forms(path: str) -> tuple[str, ...]:
    """Return a path as it is and as it is listed where /bin and /sbin are links into /usr (Debian's merged /usr)."""
    return (path, path.removeprefix("/usr")) if path.startswith("/usr/") else (path, f"/usr{path}")


def _of_dpkg(root: Path, wanted: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    lines = {form.encode("utf-8", "surrogateescape"): form for form in wanted}
    for name, body in _lists(root / _LISTS):
        there = lines.keys() & set(body.split(b"\n"))
        yield from ((lines[each], name.partition(":")[0]) for each in there)


def _lists(folder: Path) -> Iterator[tuple[str, bytes]]:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.name.endswith(".list")]
        for name in sorted(names)[:_MOST_LISTS]:
            yield name.removesuffix(".list"), _body(folder / name)


def _of_apk(root: Path, wanted: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    package = folder = ""
    for line in next(filter(None, (_body(root / place) for place in _APK)), b"").splitlines():
        key, _, text = line.decode("utf-8", "replace").partition(":")
        if key == "P":
            package = text
        elif key == "F":
            folder = text
        elif key == "R" and f"/{folder}/{text}" in wanted:
            yield f"/{folder}/{text}", package


def _body(path: Path) -> bytes:
    with contextlib.suppress(OSError), path.open("rb") as file:
        return file.read(_LARGEST)
    return b""
