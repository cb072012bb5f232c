"""What may stand in a file of `vedette apply` about infrastructure, and the part of a file that says it. Pure."""

import tomllib

import msgspec

from vedette.deploy.desired.reading import SETTINGS
from vedette.deploy.desired.written import SECTION, InfraFile
from vedette.wire.ascode.reading import Document

SECTIONS: dict[str, type[msgspec.Struct]] = {SECTION: InfraFile}


class InfraSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole file; those in the folder `infra` say the same at their top."""

    infra: InfraFile = InfraFile()


def is_whole(document: Document) -> bool:
    """Tell whether a file says infrastructure at its top: it lies in the folder `infra`."""
    folder, _, base = document.name.rpartition("/")
    return folder == SECTION and base != SETTINGS


def whole(document: Document) -> Document:
    """Return a file that says infrastructure at its top as one that has the section."""
    return msgspec.structs.replace(document, table={SECTION: document.table})


def called(document: Document) -> str:
    """Return what a file is called beside others of its project: `vedette.toml`, `infra/shop.toml`."""
    base = document.name.rpartition("/")[2]
    return f"{SECTION}/{base}" if is_whole(document) else base


def part(text: str) -> str | None:
    """Return the text of a `vedette.toml` with nothing but `[infra]` in it, each line where it was; None where that cannot be told apart.

    The other sections are of other rooms, and settings with secrets stand among them.
    """
    kept, ours = list[str](), False
    for line in text.splitlines():
        head = line.strip()
        if head.startswith("["):
            ours = _first(head.strip("[] \t")) == SECTION
        kept.append(line if ours else "")
    found = "\n".join(kept) + "\n"
    return found if _says_the_same(text, found) else None


def _first(path: str) -> str:
    return path.partition(".")[0].strip().strip("\"'")


def _says_the_same(text: str, part_: str) -> bool:
    try:
        return tomllib.loads(text).get(SECTION) == tomllib.loads(part_).get(SECTION) and set(
            tomllib.loads(part_)
        ) <= {SECTION}
    except tomllib.TOMLDecodeError:
        return False
