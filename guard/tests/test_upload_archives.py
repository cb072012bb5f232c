"""Archives of strangers: read to their end, and refused when they are traps."""

import gzip
import io
import struct
import tarfile
import tempfile
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest

from guard.tests import sent_files as sent
from guard.tests.taking import EVERYTHING, refused, take, taken
from vedette_guard.uploading import holding
from vedette_guard.uploads import KINDS, Quarantined, UploadPolicy, Uploads


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "uploads", EVERYTHING)


TRAVERSALS = [
    "../evil",
    "a/../../evil",
    "/etc/passwd",
    "C:\\evil",
    "a\\..\\evil",
    "~/evil",
    "x/..",
    "a\u202eb",
    "a\nb",
    "a/. ./b",
]


def test_entries_that_leave_the_folder(uploads: Uploads) -> None:
    for name in TRAVERSALS:
        for content, file in (
            (sent.zipped({name: b"x"}), "a.zip"),
            (sent.tarred((name, b"x")), "a.tar"),
            (gzip.compress(sent.tarred((name, b"x"), form=tarfile.GNU_FORMAT)), "a.tgz"),
            (sent.office("docx", **{name.replace("/", "__"): b"x"}), "a.docx"),
            (sent.zipped({"inner.zip": sent.zipped({name: b"x"})}), "a.zip"),
        ):
            assert refused(uploads, content, file)[0] == "archive", file


def damaged_zip() -> bytes:
    content = bytearray(sent.zipped({"a.txt": b"x" * 1000}))
    content[40] ^= 255
    return bytes(content)


def headed(kind: bytes, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    """Return an entry of a type of its own, with content."""
    return sent.special(kind, target=""), content


def gapped_zip() -> bytes:
    """Return a zip with an entry that only who reads from the beginning finds."""
    hidden, seen = sent.zipped({"hidden.php": b"x"}), sent.zipped({"seen.txt": b"y"})
    before = hidden[: hidden.index(b"PK\x01\x02")]
    at, end = seen.index(b"PK\x01\x02"), seen.index(b"PK\x05\x06")
    directory, tail = bytearray(seen[at:end]), bytearray(seen[end:])
    struct.pack_into("<I", directory, 42, len(before))
    struct.pack_into("<I", tail, 16, len(before) + at)
    return before + seen[:at] + bytes(directory) + bytes(tail)


def two_headers_zip() -> bytes:
    """Return a zip whose entry has another name before it than in the directory."""
    return sent.zipped({"good.txt": b"x"}).replace(b"good.txt", b"evil.php", 1)


def before_the_directory_zip() -> bytes:
    """Return a zip with an entry between the last one and the directory."""
    hidden, seen = sent.zipped({"hidden.php": b"x"}), sent.zipped({"seen.txt": b"y"})
    between, at, end = hidden[: hidden.index(b"PK\x01\x02")], seen.index(b"PK\x01\x02"), len(seen) - 22
    tail = bytearray(seen[end:])
    struct.pack_into("<I", tail, 16, at + len(between))
    return seen[:at] + between + seen[at:end] + bytes(tail)


def wide_zip() -> bytes:
    """Return a zip whose end leads to one directory, and its 64-bit records to another of as many entries."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("seen.txt", "y")
    plain = file.getvalue()
    at, end = plain.index(b"PK\x01\x02"), len(plain) - 22
    directory = plain[at:end]
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(directory), at)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    tail = bytearray(plain[end:])
    struct.pack_into("<I", tail, 12, len(directory) + len(record) + len(locator))
    return plain[:end] + record + locator + bytes(tail)


def renamed_zip(other: bytes, *, inside: bool = True) -> bytes:
    """Return a zip whose entry `a.txt` has another name in an extra field of the directory, and of its header if wanted."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        info = zipfile.ZipInfo("a.txt")
        said = b"\1" + struct.pack("<I", zlib.crc32(b"a.txt")) + other
        info.extra = struct.pack("<HH", 0x7075, len(said)) + said
        archive.writestr(info, "x")
    content = file.getvalue()
    at = content.index(b"PK\x01\x02")
    return content if inside else content[:at].replace(other, b"a.txt") + content[at:]


TRAPS = [
        (sent.linked_zip(), "a.zip", "a link, or a device"),
        (sent.tarred(sent.special(tarfile.SYMTYPE)), "a.tar", "a link, or a device"),
        (sent.tarred(("a", b""), sent.special(tarfile.LNKTYPE, target="a")), "a.tar", "a link, or a device"),
        (sent.tarred(sent.special(tarfile.CHRTYPE)), "a.tar", "a link, or a device"),
        (gzip.compress(sent.tarred(sent.special(tarfile.FIFOTYPE))), "a.tgz", "a link, or a device"),
        (sent.zipped({"a.zip": sent.linked_zip()}), "a.zip", "a link, or a device"),
        (sent.overlapping_zip(), "a.zip", "overlap"),
        (sent.zipped({"A.txt": b"1", "a.TXT": b"2"}), "a.zip", "two entries of one name"),
        (sent.tarred(("a", b"1"), ("./a", b"2")), "a.tar", "two entries of one name"),
        (sent.zipped({str(n): b"" for n in range(1001)}), "a.zip", "too many entries"),
        (sent.tarred(*((str(n), b"") for n in range(1001))), "a.tar", "too many entries"),
        (sent.zipped({"a": bytes(5_000_000)}), "a.zip", "unpacks to more"),
        (gzip.compress(bytes(5_000_000)), "a.gz", "unpacks to more"), (gzip.compress(b"x") * 1002, "a.gz", "too many entries"),
        (sent.zipped({f"{n}.gz": gzip.compress(bytes(900_000)) for n in range(5)}), "a.zip", "unpacks to more"),
        (sent.nested_gzip(4), "a.gz", "archives in one another"),
        (gzip.compress(sent.zipped({"a": sent.zipped({"a": sent.zipped({"a": b""})})})), "a.gz", "archives in one another"),
        (b"#" + sent.zipped({"a": b""}), "a.zip", ""), (sent.zipped({"a": b""}) + b"tail", "a.zip", "damaged"),
        (sent.zipped({"a": b""}) + sent.zipped({"b": b""}), "a.zip", "damaged"), (damaged_zip(), "a.zip", "damaged"),
        (two_headers_zip(), "a.zip", "damaged"), (sent.zipped({"a": b""})[:-1], "a.zip", "damaged"), (b"PK\x03\x04", "a.zip", "damaged"),
        (gzip.compress(b"x")[:-3], "a.gz", "damaged"), (gzip.compress(b"x") + b"tail", "a.gz", "damaged"),
        (sent.tarred(("a", b"x"))[:600], "a.tar", "damaged"), (sent.tarred(("a", b"x")) + b"tail", "a.tar", "damaged"),
        (sent.tarred(("a", b"x")).replace(b"ustar", b"ustaR", 1), "a.tar", ""),
        (sent.tarred(headed(b"g", b"9 path=b\n"), ("a", b"x")), "a.tar", "damaged"),
        (sent.tarred(headed(b"x", b"9 path=b\n"), headed(b"L", b"c\0"), ("a", b"x")), "a.tar", "damaged"),
        (sent.tarred(headed(b"x", b"9 path=..\n"), ("a", b"x")), "a.tar", "damaged"),
        (sent.tarred(headed(b"x", b"12 path=../\n"), ("a", b"")), "a.tar", "leads out of it"),
        (sent.tarred(headed(b"x", b"12 size=abc\n"), ("a", b"x")), "a.tar", "damaged"),
        (sent.tarred(headed(b"x", b"22 GNU.sparse.major=1\n"), ("a", b"x")), "a.tar", "with holes"),
        (before_the_directory_zip(), "a.zip", "by different programs"), (wide_zip(), "a.zip", "by different programs"),
        (renamed_zip(b"b.php"), "a.zip", "by different programs"), (renamed_zip(b"b.php", inside=False), "a.zip", "by different programs"),
        (sent.tarred(headed(b"x", b"13 path=a/b/\n"), ("a", b"x" * 512)), "a.tar", "damaged"),
        (sent.tarred(headed(tarfile.DIRTYPE, b"x")), "a.tar", "damaged"), (gapped_zip(), "a.zip", "by different programs"),
        (sent.tarred(("a", b"x" * 512), ("b", b"")).replace(b"\0000000644", b"\0000000645").replace(b"0000645", b"0000644", 1), "a.tar", "damaged"),
    ]  # fmt: skip


def test_archives_that_are_traps(tmp_path: Path) -> None:
    for content, name, said in TRAPS:
        uploads = Uploads(tmp_path / "uploads", UploadPolicy(kinds=tuple(KINDS), unpacked=4_000_000))
        reason, sentence = refused(uploads, content, name)
        assert (reason, said in sentence) == ("archive" if said else "mismatch", True), sentence


def test_a_bomb_costs_what_the_policy_allows(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads", UploadPolicy(kinds=("zip",), unpacked=10_000_000))
    inner = sent.zipped({"a": bytes(8_000_000)})
    bomb = sent.zipped({f"{n}.zip": inner for n in range(900)})
    tracemalloc.start()
    assert refused(uploads, bomb, "a.zip") == ("archive", "The archive unpacks to more than is allowed.")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16_000_000


SEALED = [
        sent.zipped({"a.7z": b"7z\xbc\xaf\x27\x1c"}), sent.zipped({"a": b"Rar!\x1a\x07\x01\0"}), sent.zipped({"a": b"x"}, zipfile.ZIP_LZMA),
        sent.zipped({"a": b"xyz"}, zipfile.ZIP_STORED).replace(b"\x14\0\0\0\0\0", b"\x14\0\1\0\0\0"),
    ]  # fmt: skip


def test_what_cannot_be_looked_into_waits(uploads: Uploads) -> None:
    for content in SEALED:
        verdict = take(uploads, content, "a.zip", "application/zip")
        assert isinstance(verdict, Quarantined), verdict
        assert (verdict.reason, verdict.declared, verdict.path.read_bytes()) == (
            "sealed",
            "application/zip",
            content,
        )
        assert verdict.path.stat().st_mode & 0o077 == 0


def test_only_so_many_wait_however_small(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    assert holding.MOST_FILES == 10_000
    monkeypatch.setattr(holding, "MOST_FILES", 2)
    for _ in range(2):
        assert isinstance(take(uploads, SEALED[0], "a.zip"), Quarantined)
    assert refused(uploads, SEALED[0], "a.zip")[0] == "full"
    next(uploads.quarantine.iterdir()).unlink()
    assert isinstance(take(uploads, SEALED[0], "a.zip"), Quarantined)


def test_a_zip_in_another_is_read_by_every_python(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.10 has no `seekable` in a spooled file."""
    without = property(lambda file: vars(file)["seekable"])
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "seekable", without, raising=False)
    taken(uploads, sent.zipped({"inner.zip": sent.zipped({"a.txt": b"x"})}), "a.zip")


def test_archives_of_others_are_taken(uploads: Uploads, tmp_path: Path) -> None:
    """Those that were streamed: with sizes behind each entry."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise io.UnsupportedOperation

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a.txt", "b.txt"):
            archive.writestr(name, name * 100)
    taken(uploads, pipe.getvalue(), "a.zip")
    pax = sent.tarred(headed(b"g", b"13 comment=x\n"), ("a", b"x"))
    taken(uploads, pax, "a.tar")
    taken(uploads, renamed_zip(b"a.txt"), "a.zip")
    taken(uploads, gzip.compress(b"x") * 1001 + bytes(100_000), "a.gz")
