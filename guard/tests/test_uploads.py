"""Files of strangers: what is taken is what it says it is, and everything else leaves nothing behind."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest
from PIL import Image

from guard.tests import sent_files as sent
from guard.tests.taking import EVERYTHING, refused, taken
from vedette_guard.uploads import (
    KINDS,
    UploadPolicy,
    Uploads,
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
