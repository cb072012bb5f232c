"""Files as people and attackers send them, made here: no sample is kept."""

import gzip
import io
import stat
import struct
import tarfile
import zipfile
import zlib
from typing import Any

from PIL import Image, PngImagePlugin

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
PHP = b"<?php system($_GET['c']); ?>"
# The length of the logical screen is JavaScript, too: `GIF89a/*` … `*/=1;alert(1)`.
GIF_SCRIPT = b"GIF89a/*\0\0\0\0*/=1;alert(1)//;"


def image(kind: str = "PNG", size: tuple[int, int] = (8, 6), mode: str = "RGB", **how: Any) -> bytes:
    """Return a picture with a corner that tells which way it is."""
    made = Image.new(mode, size)
    made.putpixel(
        (0, 0),
        1
        if mode in {"P", "L", "1"}
        else tuple([255, *[0] * (len(made.getbands()) - 2), 255][: len(made.getbands())]),
    )
    return saved(made, kind, **how)


def saved(made: Image.Image, kind: str, **how: Any) -> bytes:
    file = io.BytesIO()
    made.save(file, kind, **how)
    return file.getvalue()


def talkative() -> dict[str, bytes]:
    """Return pictures with words beside them, by extension."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "secret place"  # turned by a quarter; a description
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "secret place", zip=False)
    return {
        "jpg": image("JPEG", exif=exif, comment=b"secret place"),
        "png": image("PNG", pnginfo=words, exif=exif),
        "gif": image("GIF", mode="P", comment=b"secret place"),
        "webp": image("WEBP", exif=exif, xmp=b"secret place", lossless=True),
    }


def moving(kind: str, frames: int = 3, size: tuple[int, int] = (8, 6)) -> bytes:
    """Return an animation."""
    made = [Image.new("RGB", size, (80 * n, 0, 0)) for n in range(frames)]
    return saved(
        made[0],
        kind,
        save_all=True,
        append_images=made[1:],
        duration=[100 * (n + 1) for n in range(frames)],
        loop=0,
    )


def vast_png(width: int = 10_000, height: int = 10_000, colours: int = 0) -> bytes:
    """Return a PNG of 100 megapixels, in black and white or colours (2): kilobytes of zeros to who does not decode it."""
    row = b"\0" + bytes((width + 7) // 8 if colours == 0 else width * 3)
    packing = zlib.compressobj(9)
    data = b"".join(packing.compress(row) for _ in range(height)) + packing.flush()
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8 if colours else 1, colours, 0, 0, 0)),
        (b"IDAT", data),
        (b"IEND", b""),
    ]
    chunks = [struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def zipped(entries: dict[str, bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packed) as archive:
        for name, content in entries.items():
            info = zipfile.ZipInfo("x")
            info.filename = name  # as it is: the constructor would mend it
            info.compress_type = packed
            archive.writestr(info, content)
    return file.getvalue()


def linked_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        link = zipfile.ZipInfo("innocent.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return file.getvalue()


def overlapping_zip() -> bytes:
    """Return a zip whose directory names one entry twice: the idea of a bomb without nesting."""
    content = zipped({"a.txt": b"x" * 1000})
    at = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry, directory = content[at:end], bytearray(content[end:])
    struct.pack_into("<HHI", directory, 8, 2, 2, len(entry) * 2)
    return content[:at] + entry + entry.replace(b"a.txt", b"b.txt") + bytes(directory)


def office(kind: str, **parts: bytes) -> bytes:
    main = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}[kind]
    more = {name.replace("__", "/"): content for name, content in parts.items()}
    return zipped({"[Content_Types].xml": b"<Types/>", main: b"<x/>", **more})


def open_document() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<x/>", zipfile.ZIP_DEFLATED)
    return file.getvalue()


def tarred(
    *entries: tarfile.TarInfo | tuple[str | tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT
) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                archive.addfile(entry)
            else:
                info = tarfile.TarInfo(entry[0]) if isinstance(entry[0], str) else entry[0]
                info.size = len(entry[1])
                archive.addfile(info, io.BytesIO(entry[1]))
    return file.getvalue()


def special(kind: bytes, name: str = "entry", target: str = "/etc/passwd") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def nested_gzip(times: int) -> bytes:
    content = b"x"
    for _ in range(times):
        content = gzip.compress(content)
    return content
