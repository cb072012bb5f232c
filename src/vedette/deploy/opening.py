"""Desired state from a folder: `vedette.toml` and `infra/*.toml`, and the files that these name."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from vedette.core.errors import Invalid
from vedette.deploy.desired.catalogue import SHIPPED, Catalogue
from vedette.deploy.desired.reading import SETTINGS, File, Outcome, read
from vedette.deploy.desired.written import SECTION

_LARGEST = 1_000_000


def files(folder: Path) -> Sequence[File]:
    """Return the files of a folder that may say infrastructure, by name; a path that is a file is that alone.

    Raises `Invalid` for one that cannot be read.
    """
    if folder.is_file():
        return [_file(folder, folder.parent)]
    found = [folder / SETTINGS] if (folder / SETTINGS).is_file() else []
    found += sorted((folder / SECTION).glob("*.toml"))
    return [_file(each, folder) for each in found]


def opened(folder: Path, catalogue: Catalogue = SHIPPED) -> Outcome:
    """Return what a folder (or one file) says should be there, or everything that is wrong; raises `Invalid` where it cannot be read."""
    return read(files(folder), beside, catalogue)


def beside(folder: str, name: str) -> str:
    """Return the text of a file that another one names, from its own folder on; raises `Invalid`."""
    return text(Path(folder or ".") / name, name)


def write(folder: Path, texts: Mapping[str, str]) -> None:
    """Write new texts of files that `files` found, each whole or not at all; raises `Invalid` for one that cannot be written."""
    root = folder.parent if folder.is_file() else folder
    for name, text in texts.items():
        path = root / name
        half = path.with_name(f".{path.name}.half")
        try:
            half.write_text(text, encoding="utf-8")
            half.chmod(path.stat().st_mode & 0o777)
            half.replace(path)
        except OSError as error:
            half.unlink(missing_ok=True)
            raise Invalid(f"{path} cannot be written: {error.strerror}.") from None


def _file(path: Path, root: Path) -> File:
    return File(str(path.relative_to(root)), text(path, str(path)), str(path.parent))


def text(path: Path, name: str) -> str:
    """Return the text of a file that people call by a name; raises `Invalid` for one that is too large, or cannot be read."""
    try:
        if path.stat().st_size > _LARGEST:
            raise Invalid(f"{name} is larger than {_LARGEST:,} bytes.")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            f"{name} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}."
        ) from None
