"""What the first bytes of a file say it is. Signatures that are long enough to be meant, and what browsers would read.

How browsers find HTML in text is WHATWG's MIME sniffing standard, section 7.1.
"""

from __future__ import annotations

import codecs
import re

from vedette_guard.decisions.kinds import TEXTS

HEAD = 64 * 1024

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"GIF87a", "gif"), (b"GIF89a", "gif"), (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"), (b"\x1f\x8b\x08", "gzip"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!\x1a\x07", "rar"),
    (b"\xfd7zXZ\0", "xz"), (b"BZh", "bzip2"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"\x04\x22\x4d\x18", "lz4"), (b"\x7fELF", "program"),
    (b"MZ", "program"), (b"\xca\xfe\xba\xbe", "program"), (b"\xfe\xed\xfa", "program"), (b"\xcf\xfa\xed\xfe", "program"),
    (b"\xce\xfa\xed\xfe", "program"), (b"\0asm", "program"), (b"#!", "script"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"ID3", "mp3"),
)  # fmt: skip
OURS = frozenset(kind for _, kind in _MAGIC) | {"tar"}  # nobody else's word counts for these
_BRANDS = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash"}
)
# Elements a browser takes for the beginning of a page, each followed by a space or `>`.
_PAGE = re.compile(
    rb"<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|img|meta|base|link|object|"
    rb"embed|form|frameset|input|video|audio|math|template)[\s/>]|<!--",
    re.IGNORECASE,
)
_SVG = re.compile(rb"<(?:[\w.-]+:)?svg[\s/>]|\bhttp://www\.w3\.org/2000/svg\b", re.IGNORECASE)
_SERVED = re.compile(rb"<\?(?:php|=|\s)|<%|<script[^>]+runat", re.IGNORECASE)
_CONTROLS = re.compile(rb"[\0-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def sniff(head: bytes) -> tuple[str, ...]:
    """Return the kinds that a file may be of by its first `HEAD` bytes, most telling first; none when nobody can tell."""
    container = _container(head)
    if container:
        return (container,)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return (kind,)
    if len(head) > 262 and head[257:262] == b"ustar":
        return ("tar",)
    return _text(head)


def _container(head: bytes) -> str:
    """Return the kind of a file whose signature stands behind its length."""
    if head[:4] == b"RIFF":
        return {b"WEBP": "webp", b"WAVE": "wav"}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return "mp4" if head[8:12] in _BRANDS else ""
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "webm" if b"webm" in head[:64] else "mkv"
    # An MP3 without tags begins with a frame: its synchronisation, version 1 or 2, layer 3.
    return "mp3" if len(head) > 3 and head[0] == 0xFF and head[1] in {0xFB, 0xFA, 0xF3, 0xF2} else ""


def _text(head: bytes) -> tuple[str, ...]:
    """Return the kinds of text; what a browser or a server would run is no text."""
    if not is_text(head):
        return ()
    if _SERVED.search(head):
        return ("script",)
    if _SVG.search(head):
        return ("svg",)
    start = head.removeprefix(codecs.BOM_UTF8).lstrip(b"\t\n\f\r ")
    if _PAGE.match(start):
        return ("html",)
    return ("xml",) if start[:5].lower() == b"<?xml" else TEXTS


def is_text(head: bytes) -> bool:
    """Tell whether bytes are UTF-8 without control characters; the last character may be cut."""
    if _CONTROLS.search(head):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def zipped(names: list[str], mimetype: str) -> str:
    """Return what a zip is, by the names in it and the content of its `mimetype`: a document, a program, or a zip."""
    found = set(names)
    if any(name.lower().endswith("vbaproject.bin") for name in found):
        return "macro"
    if "[Content_Types].xml" in found:
        parts = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
        return next((kind for part, kind in parts.items() if part in found), "zip")
    opened = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}
    if mimetype.startswith("application/vnd.oasis.opendocument."):
        return opened.get(mimetype.rpartition(".")[2], "zip")
    return "program" if found & {"META-INF/MANIFEST.MF", "AndroidManifest.xml"} else "zip"
