"""Files of strangers: what is taken is what it says it is, and everything else leaves nothing behind."""

import asyncio
import gzip
import io
import tarfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from guard.tests import sent_files as sent
from guard.tests.clamav import EVIL, daemon
from guard.tests.taking import EVERYTHING, refused, take, taken
from vedette_guard import PolicyError
from vedette_guard.decisions.filenames import extension, fault
from vedette_guard.decisions.kinds import ZIPPED, judge
from vedette_guard.decisions.sniffing import sniff
from vedette_guard.uploads import (
    KINDS,
    TEXTS,
    Accepted,
    Quarantined,
    Refused,
    UploadPolicy,
    Uploads,
    Verdict,
)


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "uploads", EVERYTHING)


# -- what is taken ----------------------------------------------------------------------------------------------------


GENUINE = [
        (sent.image("JPEG"), "photo.JPG", "image/jpeg", "jpeg"),
        (sent.image("JPEG", mode="CMYK"), "print.jpeg", "image/pjpeg", "jpeg"),
        (sent.image("PNG", mode="RGBA"), "Bild (2).png", "image/png; charset=binary", "png"),
        (sent.image("GIF", mode="P"), "a.gif", "application/octet-stream", "gif"),
        (sent.image("WEBP"), "a.webp", "", "webp"),
        (sent.PDF, "paper v2.pdf", "application/pdf", "pdf"),
        (b"a,b\n1,2\n", "list.csv", "application/vnd.ms-excel", "csv"),
        ("\ufeffGrüße".encode(), "a.txt", "text/plain", "text"),
        (b"BM is not only a bitmap", "a.md", "text/markdown", "markdown"),
        (b"{}", "a.json", "application/json", "json"),
        (sent.office("docx"), "a.docx", "", "docx"), (sent.office("xlsx"), "a.xlsx", "", "xlsx"),
        (sent.office("pptx"), "a.pptx", "", "pptx"), (sent.open_document(), "a.odt", "", "odt"),
        (sent.zipped({"a.txt": b"x", "b/": b"", "b/c.txt": b""}), "a.zip", "application/x-zip-compressed", "zip"),
        (sent.tarred(("a.txt", b"x" * 600), ("é" * 80 + "/b", b"")), "a.tar", "application/x-tar", "tar"),
        (gzip.compress(sent.tarred(("n" * 150, b"x"), form=tarfile.GNU_FORMAT)), "a.tar.gz", "application/gzip", "gzip"),
        (gzip.compress(b"log"), "app-log.gz", "application/x-gzip", "gzip"),
        (b"RIFF\x24\0\0\0WAVEfmt " + bytes(40), "a.wav", "audio/wav", "wav"),
        (b"\0\0\0\x18ftypisom" + bytes(40), "a.mp4", "video/mp4", "mp4"),
        (b"ID3\x04" + bytes(40), "a.mp3", "audio/mpeg", "mp3"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "a.webm", "video/webm", "webm"),
    ]  # fmt: skip


def test_what_is_what_it_says_is_taken(uploads: Uploads) -> None:
    for content, name, declared, kind in GENUINE:
        verdict = taken(uploads, content, name, declared)
        assert (verdict.kind, verdict.original) == (kind, name)
        assert verdict.name.endswith(f".{KINDS[kind].extensions[0]}")
        assert uploads.path(verdict.name) == verdict.path
        assert verdict.path.stat().st_mode & 0o7777 == 0o640
        assert verdict.size == verdict.path.stat().st_size
        if KINDS[kind].group != "image":
            assert verdict.path.read_bytes() == content


PEOPLES_NAMES = [
        "👩\u200d💻 ❤\ufe0f.jpg",
        "می\u200cخواهم.jpg",
        "Screenshot 12:30:11.jpg",
        "Mom & Dad; 50%.jpg",
        "v1.2.jpg",
    ]  # fmt: skip


def test_names_of_people_are_no_attack(uploads: Uploads) -> None:
    for name in PEOPLES_NAMES:
        taken(uploads, sent.image("JPEG"), name)


def test_names_are_of_our_own_and_others_lead_nowhere(uploads: Uploads) -> None:
    names = {taken(uploads, b"x", "a.txt").name for _ in range(20)}
    assert len(names) == 20
    for name in (
        "../secret.txt",
        "a.txt",
        f"{'0' * 32}.txt",
        "",
        "/etc/passwd",
        f"{'0' * 32}.php",
        "..",
        "\0",
    ):
        with pytest.raises(FileNotFoundError):
            uploads.path(name)
    with pytest.raises(FileNotFoundError):
        uploads.headers("a.txt")


@pytest.mark.parametrize("extension", ["jpg", "png", "gif", "webp"])
def test_images_are_written_anew(uploads: Uploads, extension: str) -> None:
    content = sent.talkative()[extension] + b"<?php evil ?><script>"
    verdict = taken(uploads, content, f"a.{extension}")
    written = verdict.path.read_bytes()
    assert b"secret place" in content
    assert b"secret place" not in written
    assert b"evil" not in written
    with Image.open(verdict.path) as after:
        assert after.size == ((8, 6) if extension == "gif" else (6, 8))
        assert not after.getexif()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_what_moves_still_moves(uploads: Uploads, kind: str) -> None:
    verdict = taken(uploads, sent.moving(kind), f"a.{kind.lower()}")
    with Image.open(verdict.path) as after:
        assert after.n_frames == 3  # type: ignore[attr-defined]
        durations = []
        for n in range(3):
            after.seek(n)
            after.load()
            durations.append(after.info["duration"])
        assert durations == [100, 200, 300]


def test_a_profile_turns_into_the_colours_it_means(uploads: Uploads) -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    verdict = taken(uploads, sent.image("PNG", icc_profile=profile), "a.png")
    with Image.open(verdict.path) as after:
        assert "icc_profile" not in after.info
        assert after.getpixel((0, 0)) == (255, 0, 255)
    taken(uploads, sent.image("PNG", icc_profile=b"nonsense"), "a.png")


# -- what is not ------------------------------------------------------------------------------------------------------


BAD_NAMES = [
        ("a.php\0.jpg", "control character"), ("photo\u202egpj.exe", "not seen"), ("a\u200b.jpg", "not seen"),
        ("..%252f..%252fa.jpg", "another folder"), ("..%2fa.jpg", "another folder"), ("../a.jpg", "another folder"),
        ("C:\\a.jpg", "another folder"), ("a.php%00.jpg", "control character"), ("a.php%2500.jpg", "control character"),
        ("a.asp;.jpg", "may run a .asp"), ("a.php::$DATA", "may run a .php"), ("a.jpg.", "leave out"), ("a.jpg ", "leave out"),
        ("a.php.jpg", "may run a .php"), ("a.pHp5.jpg", "may run a .php5"), ("a.jsp .jpg", "may run a .jsp"), ("", "no name"),
        ("a.jpg\n", "control character"), ("．．／a.jpg", "another folder"), ("a\ud800.jpg", "control character"),
    ]  # fmt: skip


def test_names_that_mean_something_else_are_refused(uploads: Uploads) -> None:
    for name, said in BAD_NAMES:
        reason, sentence = refused(uploads, sent.image("JPEG"), name)
        assert (reason, said in sentence) == ("name", True), sentence


PRETENDERS = [
        (sent.image("JPEG"), "a.jpg.php", "image/jpeg", ("extension", "named .php are not taken")),
        (sent.image("JPEG"), "photo", "image/jpeg", ("extension", "no extension")),
        (sent.image("PNG"), "a.jpg", "image/jpeg", ("mismatch", "named .jpg, and holds PNG")),
        (sent.image("JPEG"), "a.jpg", "text/html", ("mismatch", "sent as text/html")),
        (sent.image("JPEG"), "a.jpg", "<script>", ("mismatch", "sent as script.")),
        (sent.PHP, "a.jpg", "image/jpeg", ("mismatch", "holds a script for a server")),
        (sent.PHP, "a.txt", "text/plain", ("mismatch", "holds a script for a server")),
        (sent.HTML, "a.txt", "text/plain", ("mismatch", "holds HTML")),
        (b"\xef\xbb\xbf \n<HTML>", "a.csv", "", ("mismatch", "holds HTML")),
        (sent.SVG, "a.png", "image/png", ("mismatch", "holds SVG")),
        (sent.GIF_SCRIPT, "a.gif", "image/gif", ("image", "damaged")),
        (b"MZ\x90\0" + bytes(100), "a.pdf", "", ("mismatch", "holds a program")),
        (b"\x7fELF" + bytes(100), "a.bin", "", ("kind", "hold a program")),
        (b"#!/bin/sh\nrm -rf /", "a.txt", "", ("mismatch", "holds a script")),
        (sent.image("TIFF"), "a.tiff", "", ("kind", "hold TIF")), (sent.image("BMP"), "a.png", "", ("mismatch", "holds BMP")),
        (bytes(100), "a.pdf", "", ("mismatch", "holds something else")), (b"", "a.txt", "", ("empty", "is empty")),
        (b"text" * 20_000 + b"\0", "a.txt", "", ("mismatch", "goes on as something else")),
        (b"text" * 20_000 + b"\xff", "a.txt", "", ("mismatch", "goes on as something else")),
        (b"text\xe2\x82", "a.txt", "", ("mismatch", "goes on as something else")),
        (sent.zipped({"[Content_Types].xml": b"", "word/document.xml": b"", "word/vbaProject.bin": b"x"}), "a.docx", "",
         ("mismatch", "holds a document with macros")),
        (sent.zipped({"META-INF/MANIFEST.MF": b""}), "a.zip", "", ("mismatch", "holds a program")),
        (sent.zipped({"a": b""}), "a.docx", "", ("mismatch", "holds ZIP")), (sent.office("docx"), "a.xlsx", "", ("mismatch", "holds DOCX")),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "a.docx", "", ("mismatch", "holds an old Office document")),
    ]  # fmt: skip


def test_what_is_not_what_it_says_is_refused(uploads: Uploads) -> None:
    for content, name, declared, why in PRETENDERS:
        reason, sentence = refused(uploads, content, name, declared)
        assert (reason, why[1] in sentence) == (why[0], True), sentence


def test_what_we_know_ourselves_is_no_other_words_to_say(uploads: Uploads) -> None:
    """The library takes `%PDF` for enough."""
    assert not uploads.take(io.BytesIO(b"%PDF\0"), name="a.pdf").accepted


def test_only_the_kinds_of_the_policy_are_taken(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads")
    assert refused(uploads, sent.PDF, "a.pdf") == (
        "kind",
        "Files named .pdf are not taken; taken are .jpg, .png, .gif, .webp.",
    )
    for content, name in ((sent.SVG, "a.svg"), (sent.HTML, "a.html"), (sent.HTML, "a.htm")):
        assert refused(uploads, content, name)[0] == "kind"


def test_what_would_run_in_a_browser_is_only_saved(uploads: Uploads) -> None:
    for content, name in ((sent.SVG, "bild.svg"), (sent.HTML, "seite.html")):
        headers = taken(uploads, content, name).headers()
        assert headers["Content-Disposition"].startswith("attachment;")
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["Content-Security-Policy"].endswith("sandbox")
        assert headers["X-Content-Type-Options"] == "nosniff"
    photo = taken(uploads, sent.image("JPEG"), 'fo"to ü.jpg')
    assert uploads.headers(photo.name, 'fo"to ü.jpg') == photo.headers()
    assert (
        photo.headers()["Content-Disposition"]
        == "inline; filename=\"fo_to _.jpg\"; filename*=UTF-8''fo_to%20%C3%BC.jpg"
    )


def is_too_vast(uploads: Uploads, content: bytes) -> None:
    with pytest.warns(Image.DecompressionBombWarning):  # which is all that Pillow does about it
        assert refused(uploads, content, "a.png") == ("image", "The image has more than 40 megapixels.")


def test_images_that_are_too_large_are_not_decoded(uploads: Uploads) -> None:
    vast = sent.vast_png()
    for content in (vast, vast[:100]):  # a decoder would say of the second one that it is damaged
        is_too_vast(uploads, content)
    assert refused(uploads, sent.image("PNG", (1000, 1000))[:100], "a.png") == (
        "image",
        "The image is damaged.",
    )


@pytest.mark.deep
def test_the_png_of_292_kilobytes_is_too_large(uploads: Uploads) -> None:
    vast = sent.vast_png(colours=2)
    assert 290_000 < len(vast) < 293_000
    is_too_vast(uploads, vast)


def test_frames_count_as_pixels(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads", UploadPolicy(pixels=100))
    taken(uploads, sent.moving("GIF", 2), "a.gif")
    for kind in ("GIF", "WEBP", "PNG"):
        assert refused(uploads, sent.moving(kind, 3), f"a.{kind.lower()}")[0] == "image"


@pytest.mark.parametrize("extension", ["jpg", "png", "gif", "webp"])
def test_images_cut_short_are_damaged(uploads: Uploads, extension: str) -> None:
    whole = sent.talkative()[extension]
    for at in (12, len(whole) // 2):
        assert refused(uploads, whole[:at], f"a.{extension}")[0] in {"image", "mismatch"}


# -- quarantine and clamd ---------------------------------------------------------------------------------------------


def test_what_nobody_knows_waits_while_there_is_room(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads", UploadPolicy(quarantine=100))
    first = take(uploads, b"\1\2\3" * 30, "model.xyz")
    assert isinstance(first, Quarantined)
    assert (first.reason, first.original) == ("unknown", "model.xyz")
    assert refused(uploads, b"\1\2\3" * 30, "model.xyz")[0] == "full"
    first.path.unlink()
    assert isinstance(take(uploads, b"only words", "model.xyz"), Quarantined)


@pytest.mark.parametrize("by", ["path", "port"])
def test_clamd_sees_what_came(tmp_path: Path, by: str) -> None:
    with daemon(tmp_path / "clamd" if by == "path" else None) as (address, scanner):
        uploads = Uploads(tmp_path / "uploads", UploadPolicy(kinds=(*KINDS,), clamd=address, clamd_time="5s"))
        photo = sent.image("JPEG") + b"beside"
        taken(uploads, photo, "a.jpg")
        big = b"words " * 30_000
        taken(uploads, big, "a.txt")
        assert refused(uploads, EVIL, "a.txt") == ("malware", "The file has malware in it.")
        assert refused(uploads, b"\1" + EVIL, "a.xyz")[0] == "malware"
        assert scanner.seen == [photo, big, EVIL, b"\1" + EVIL]


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR", b"", b"stream: OK FOUND?"])
def test_without_a_clear_answer_of_clamd_files_wait(tmp_path: Path, answer: bytes) -> None:
    with daemon(answer=answer) as (address, _):
        uploads = Uploads(tmp_path / "uploads", UploadPolicy(kinds=TEXTS, clamd=address))
        verdict = take(uploads, b"words", "a.txt")
    assert isinstance(verdict, Quarantined)
    assert verdict.reason == "scanner"
    away = Uploads(tmp_path / "uploads", UploadPolicy(kinds=TEXTS, clamd=str(tmp_path / "nobody")))
    assert isinstance(take(away, b"words", "a.txt"), Quarantined)
    again = Uploads(tmp_path / "uploads", UploadPolicy(kinds=TEXTS))
    with verdict.path.open("rb") as file:
        assert isinstance(again.take(file, name=verdict.original, declared=verdict.declared), Accepted)


# -- how much ---------------------------------------------------------------------------------------------------------


class Endless:
    """A file that never ends, and counts what was read of it."""

    name, content_type = "a.txt", "text/plain"

    def __init__(self) -> None:
        self.read_so_far = 0

    def read(self, size: int = -1, /) -> bytes:
        self.read_so_far += size
        return b"x" * size


def test_a_file_is_read_no_further_than_it_may_be_long(tmp_path: Path) -> None:
    uploads, file = Uploads(tmp_path / "uploads", UploadPolicy(kinds=TEXTS)), Endless()
    verdict = uploads.take(file)
    assert isinstance(verdict, Refused)
    assert (verdict.reason, verdict.sentence) == ("size", "The file is larger than 10 MB.")
    assert file.read_so_far < 10.2 * 1024 * 1024
    assert list(uploads.quarantine.iterdir()) == []


def test_memory_is_bounded(tmp_path: Path) -> None:
    size = 8 * 1024 * 1024
    uploads = Uploads(tmp_path / "uploads", UploadPolicy(kinds=TEXTS, size=size))
    source = tmp_path / "big.txt"
    source.write_bytes(b"x" * size)
    tracemalloc.start()
    with source.open("rb") as file:
        assert uploads.take(file).accepted
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def named(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def test_what_comes_together_has_a_measure(tmp_path: Path) -> None:
    told: list[Verdict] = []
    policy = UploadPolicy(kinds=TEXTS, count=3, total=20, size=15)
    uploads = Uploads(tmp_path / "uploads", policy, told=told.append)
    files = [
        named("a.txt", b"x" * 12),
        named("b.txt", b"x" * 12),
        named("c.txt", b"x" * 8),
        named("d.txt", b"x"),
    ]
    verdicts = asyncio.run(uploads.take_all_async(iter(files)))
    assert [v.reason if isinstance(v, Refused) else v.accepted for v in verdicts] == [
        True,
        "size",
        True,
        "count",
    ]
    assert [v.sentence for v in verdicts if isinstance(v, Refused)] == [
        "The files together are larger than 0.0195 kB.", "More than 3 files came at once.",
    ]  # fmt: skip
    assert told == verdicts
    assert asyncio.run(uploads.take_async(named("a.txt", b"x" * 16))).accepted is False
    assert len(told) == 5


def test_what_is_no_file_is_a_mistake_of_the_application(uploads: Uploads) -> None:
    with pytest.raises(TypeError, match=r"a file is wanted, and str has no read"):
        uploads.take("a.jpg")
    with pytest.raises(TypeError, match="reads as str"):
        uploads.take(io.StringIO("x"), name="a.txt")
    assert list(uploads.quarantine.iterdir()) == []


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"kinds": ("jpg",)}, "guard.uploads.kinds[0] = 'jpg': meant is one of jpeg, png"),
        ({"kinds": ()}, "guard.uploads.kinds = (): meant is some of jpeg"), ({"kinds": "jpeg"}, "('jpeg',)"),
        ({"size": -1}, "guard.uploads.size = -1: meant is a whole number"), ({"clamd": "clamav"}, "host:port"),
        ({"clamd_time": "soon"}, "guard.uploads.clamd_time = 'soon': meant is a duration"),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_meant(how: dict[str, object], said: str) -> None:
    with pytest.raises(PolicyError) as error:
        UploadPolicy(**how)  # type: ignore[arg-type]
    assert said in str(error.value)


# -- whatever comes ---------------------------------------------------------------------------------------------------

SEEDS = [
    *sent.talkative().values(), sent.zipped({"a/b.txt": b"x" * 99, "c.zip": sent.zipped({"d": b"e"})}), sent.tarred(("a", b"x"), ("b" * 120, b"y")),
    gzip.compress(sent.tarred(("a", b"x"))), sent.office("docx"), sent.open_document(), sent.PDF, sent.SVG, sent.HTML, sent.moving("GIF"),
]  # fmt: skip
mutated = st.builds(
    lambda seed, at, put, cut: seed[: int(at * len(seed))] + put + seed[int(at * len(seed)) + cut :],
    st.sampled_from(SEEDS), st.floats(0, 1), st.binary(max_size=8), st.integers(0, 12),
)  # fmt: skip
names = st.sampled_from([f"a.{extension}" for kind in KINDS.values() for extension in kind.extensions])
contents = st.one_of(st.binary(max_size=300), mutated)


def anything_is_judged(uploads: Uploads, content: bytes, name: str) -> None:
    verdict = uploads.take(io.BytesIO(content), name=name)
    if isinstance(verdict, Accepted):
        kinds = sniff(content)
        assert verdict.kind in kinds or (kinds == ("zip",) and verdict.kind in ZIPPED)
    for folder in (uploads.folder, uploads.quarantine):
        for path in folder.iterdir():
            path.unlink()


@settings(max_examples=50)
@given(contents, names)
def test_whatever_comes_is_judged(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    anything_is_judged(Uploads(tmp_path_factory.getbasetemp() / "any", EVERYTHING), content, name)


@pytest.mark.deep
@settings(max_examples=10_000)
@given(contents, names)
def test_very_much_of_whatever_comes_is_judged(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    anything_is_judged(Uploads(tmp_path_factory.getbasetemp() / "very", EVERYTHING), content, name)


@pytest.mark.corpus
def test_names_of_fuzzdb_are_never_what_they_want(tmp_path: Path, corpora: Path) -> None:
    """Whatever the name, with what it stands for put in: a script is not taken, and a photo is stored as `.jpg`."""
    uploads = Uploads(tmp_path / "uploads", UploadPolicy(kinds=("jpeg", "text")))
    photo = sent.image("JPEG", (2, 2))
    files = sorted((corpora / "fuzzdb/file-upload").glob("*.txt"))
    lines = {line for path in files for line in path.read_text().splitlines()}
    assert len(lines) > 250
    for n, line in enumerate(sorted(lines)):
        for script in ("shell.php", "shell.asp", "shell"):
            name = line.replace("{PHPSCRIPT}", script).replace("{ASPSCRIPT}", script).replace("{EXT}", "jpg")
            for said in (name, f"shell.{name}", f"{name}.jpg"):
                judged = judge(extension(said.strip()), "image/jpeg", ("jpeg",), ("jpeg", "text"))
                assert fault(said) or judged.kind is None or judged.kind.name == "jpeg"
        if n % 5 == 0 and judged.kind and not fault(said):
            stored = uploads.take(io.BytesIO(photo), name=said, declared="image/jpeg")
            assert not stored.accepted or stored.name.endswith(".jpg")
            assert not uploads.take(io.BytesIO(sent.PHP), name=said, declared="image/jpeg").accepted
