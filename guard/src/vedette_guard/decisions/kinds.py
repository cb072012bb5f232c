"""The kinds of files that are told apart: their extensions and types, and how each may be served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vedette_guard.decisions.filenames import runs

Group = Literal["image", "text", "document", "archive", "media", "active"]
_OFFICE = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True)
class Kind:
    """A kind of file. The first extension and the first type are the ones it is stored and served with."""

    name: str
    group: Group
    extensions: tuple[str, ...]
    types: tuple[str, ...]
    inline: bool = False


_ALL = (
    Kind("jpeg", "image", ("jpg", "jpeg", "jpe", "jfif"), ("image/jpeg", "image/jpg", "image/pjpeg"), inline=True),
    Kind("png", "image", ("png",), ("image/png", "image/x-png", "image/apng"), inline=True),
    Kind("gif", "image", ("gif",), ("image/gif",), inline=True),
    Kind("webp", "image", ("webp",), ("image/webp",), inline=True),
    Kind("text", "text", ("txt", "text", "log"), ("text/plain",)),
    # Windows with Excel calls CSV `application/vnd.ms-excel`.
    Kind("csv", "text", ("csv",), ("text/csv", "application/csv", "application/vnd.ms-excel", "text/plain")),
    Kind("json", "text", ("json",), ("application/json", "text/json", "text/plain")),
    Kind("markdown", "text", ("md", "markdown"), ("text/markdown", "text/x-markdown", "text/plain")),
    Kind("pdf", "document", ("pdf",), ("application/pdf", "application/x-pdf")),
    Kind("docx", "document", ("docx",), (f"{_OFFICE}wordprocessingml.document",)),
    Kind("xlsx", "document", ("xlsx",), (f"{_OFFICE}spreadsheetml.sheet",)),
    Kind("pptx", "document", ("pptx",), (f"{_OFFICE}presentationml.presentation",)),
    Kind("odt", "document", ("odt",), ("application/vnd.oasis.opendocument.text",)),
    Kind("ods", "document", ("ods",), ("application/vnd.oasis.opendocument.spreadsheet",)),
    Kind("odp", "document", ("odp",), ("application/vnd.oasis.opendocument.presentation",)),
    Kind("zip", "archive", ("zip",), ("application/zip", "application/x-zip-compressed", "application/x-zip")),
    Kind("tar", "archive", ("tar",), ("application/x-tar",)),
    Kind("gzip", "archive", ("gz", "tgz"), ("application/gzip", "application/x-gzip", "application/x-compressed-tar")),
    Kind("mp3", "media", ("mp3",), ("audio/mpeg", "audio/mp3"), inline=True),
    Kind("wav", "media", ("wav",), ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"), inline=True),
    Kind("mp4", "media", ("mp4", "m4v"), ("video/mp4", "video/x-m4v"), inline=True),
    Kind("webm", "media", ("webm",), ("video/webm", "audio/webm"), inline=True),
    Kind("svg", "active", ("svg",), ("image/svg+xml",)),
    Kind("html", "active", ("html", "htm"), ("text/html",)),
)  # fmt: skip
KINDS = {kind.name: kind for kind in _ALL}
IMAGES = ("jpeg", "png", "gif", "webp")
TEXTS = ("text", "csv", "json", "markdown")
ZIPPED = ("docx", "xlsx", "pptx", "odt", "ods", "odp", "zip")
# Files that have no kind, but a name: nothing that anyone takes by intention.
NAMES = {
    "program": "a program", "script": "a script for a server", "xml": "XML", "7z": "a 7-Zip archive", "rar": "a RAR archive",
    "xz": "an XZ archive", "bzip2": "a bzip2 archive", "zstd": "a Zstandard archive", "lz4": "an LZ4 archive", "ole": "an old Office document",
    "macro": "a document with macros",
}  # fmt: skip
# A browser says these when it knows nothing of a file: they claim nothing.
SILENT = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/unknown"})


@dataclass(frozen=True)
class Judged:
    """What name, type and content say together: a kind, or why there is none; `unknown` when nobody can tell."""

    kind: Kind | None = None
    reason: Literal["", "extension", "kind", "mismatch"] = ""
    sentence: str = ""

    @property
    def unknown(self) -> bool:
        """Tell whether nothing speaks against the file, and nothing for it."""
        return self.kind is None and not self.reason


def judge(extension: str, declared: str, content: tuple[str, ...], taken: tuple[str, ...]) -> Judged:
    """Return the one kind that extension, declared type and content agree on, when it is among those taken.

    `content` are the names of the kinds that the bytes may be of; none when they are of no kind that is known.
    """
    if not extension:
        return Judged(None, "extension", f"The name has no extension; taken are {_listed(taken)}.")
    named = next((kind for kind in _ALL if extension in kind.extensions), None)
    if runs(extension) or (named and named.name not in taken):
        reason: Literal["kind", "extension"] = "kind" if named else "extension"
        return Judged(None, reason, f"Files named .{extension} are not taken; taken are {_listed(taken)}.")
    return _agreed(named, extension, declared, content) if named else _unnamed(content, taken)


def _agreed(kind: Kind, extension: str, declared: str, content: tuple[str, ...]) -> Judged:
    """Return a kind when content and declared type are its own, too."""
    if kind.name not in content:
        return Judged(None, "mismatch", f"The file is named .{extension}, and holds {called(content)}.")
    said = declared.partition(";")[0].strip().lower()
    if said not in SILENT and said not in kind.types:
        return Judged(None, "mismatch", f"The file is named .{extension}, and was sent as {printable(said)}.")
    return Judged(kind)


def _unnamed(content: tuple[str, ...], taken: tuple[str, ...]) -> Judged:
    """Return what is judged of a file whose extension says nothing."""
    if not content or set(content) <= set(TEXTS):
        return Judged()
    return Judged(
        None, "kind", f"Files that hold {called(content)} are not taken so; taken are {_listed(taken)}."
    )


def called(content: tuple[str, ...]) -> str:
    """Return what content is called in a sentence."""
    if not content:
        return "something else"
    first = content[0]
    return NAMES.get(first) or ("text" if first == "text" else first.upper())


def printable(text: str) -> str:
    """Return a stranger's word as it may stand in a sentence."""
    return "".join(one for one in text if one.isascii() and one.isprintable() and one not in "<>&\"'")[:60]


def _listed(taken: tuple[str, ...]) -> str:
    return ", ".join(f".{KINDS[name].extensions[0]}" for name in taken)
