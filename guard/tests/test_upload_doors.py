"""Uploads through the parsers of frameworks, by the examples of the documentation: everything a multipart body can say."""

import json
import re
from collections.abc import Callable, Iterator

import pytest

from guard.tests import sent_files as sent
from guard.tests.doors import Answer, Ask
from guard.tests.written import Asker, asked, example

PHOTO = sent.image("JPEG")
Send = Callable[..., Answer]


def part(content: bytes, disposition: str, declared: str) -> bytes:
    """Return a multipart body with one file."""
    head = f'--edge\r\nContent-Disposition: form-data; name="photo"; {disposition}\r\nContent-Type: {declared}\r\n\r\n'
    return head.encode("utf-8", "surrogateescape") + content + b"\r\n--edge--\r\n"


@pytest.fixture(scope="module", params=["fastapi", "flask", "django", "django-asgi"])
def ask(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """Return the example of a framework."""
    framework: str = request.param
    if framework == "fastapi":
        pytest.importorskip("python_multipart", reason="FastAPI reads no forms without python-multipart")
    changes = {"/srv/shop/uploads": str(tmp_path_factory.mktemp(framework) / "uploads")}
    with asked(example("uploads.md", framework.partition("-")[0], changes), framework) as asker:
        yield asker


def send(ask: Asker, content: bytes, disposition: str, declared: str = "image/jpeg") -> Answer:
    return ask(
        Ask(
            method="POST",
            path="/photos",
            headers=[("content-type", "multipart/form-data; boundary=edge")],
            chunks=[part(content, disposition, declared)],
        )
    )


def test_a_photo_is_taken_and_served(ask: Asker) -> None:
    answer = send(ask, PHOTO + b"beside", 'filename="Urlaub (2).jpg"')
    assert answer.status == 201, answer.body
    told = json.loads(answer.body)
    assert told["called"] == "Urlaub (2).jpg"
    shown = ask(Ask(path=f"/photos/{told['name']}"))
    assert (shown.status, shown.body[:3], b"beside" in shown.body) == (200, b"\xff\xd8\xff", False)
    assert shown.one("content-type") == "image/jpeg"
    assert (shown.one("content-security-policy") or "").endswith("sandbox")
    assert shown.one("x-content-type-options") == "nosniff"
    assert (shown.one("content-disposition") or "").startswith("inline")


def test_a_pdf_is_saved_and_not_shown(ask: Asker) -> None:
    told = json.loads(send(ask, sent.PDF, 'filename="a.pdf"', "application/pdf").body)
    shown = ask(Ask(path=f"/photos/{told['name']}"))
    assert (shown.status, shown.body) == (200, sent.PDF)
    assert shown.one("content-type") == "application/pdf"
    assert (shown.one("content-disposition") or "").startswith("attachment")


def test_nothing_is_served_by_another_name(ask: Asker) -> None:
    for name in ("..%2f..%2fetc%2fpasswd", "a.jpg", f"{'0' * 32}.jpg", f"{'0' * 32}.php"):
        assert ask(Ask(path=f"/photos/{name}")).status == 404, name


ATTACKS = [
        (PHOTO, 'filename="a.jpg.php"', "image/jpeg", "named .php are not taken"),
        (sent.PHP, 'filename="a.php.jpg"', "image/jpeg", "may run a .php"),
        # Django takes what is not seen off itself, and leaves the name it hid.
        (PHOTO, 'filename="a\u202egpj.exe"', "image/jpeg", "not seen|named .exe"),
        (PHOTO, 'filename="..%252f..%252fa.jpg"', "image/jpeg", "another folder"),
        (PHOTO, 'filename="a.php%00.jpg"', "image/jpeg", "control character"),
        (sent.SVG, 'filename="a.svg"', "image/svg+xml", "named .svg are not taken"),
        (sent.SVG, 'filename="a.png"', "image/png", "holds SVG"),
        (sent.GIF_SCRIPT, 'filename="a.jpg"', "image/jpeg", "holds GIF"),
        (sent.vast_png(), 'filename="a.png"', "image/png", "more than 40 megapixels"),
        (sent.linked_zip(), 'filename="a.pdf"', "application/pdf", "holds ZIP"),
        (PHOTO, 'filename="a.jpg"', "text/html", "sent as text/html"),
    ]  # fmt: skip


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_what_broke_others_is_refused(ask: Asker) -> None:
    for content, disposition, declared, said in ATTACKS:
        answer = send(ask, content, disposition, declared)
        assert answer.status == 422
        assert re.search(said, json.loads(answer.body)["detail"]), answer.body


def test_two_names_of_one_file_do_not_reach_the_parser(ask: Asker) -> None:
    for disposition in (
        "filename=\"a.jpg\"; filename*=UTF-8''evil.php",
        "filename*=UTF-8''evil.php; filename=\"a.jpg\"",
        'filename="a.jpg"; filename="evil.php"',
        'filename*0="evil"; filename*1=".php"',
        'filename="a.php\0.jpg"',
    ):
        answer = send(ask, PHOTO, disposition)
        assert (answer.status, json.loads(answer.body) if answer.status == 422 else b"") == (400, b""), (
            disposition
        )


def test_names_with_folders_are_refused_or_lose_them(ask: Asker) -> None:
    """Django takes the folders off itself, before anybody sees them; Starlette knows no `filename*`: it sees no file."""
    answer = send(ask, PHOTO, "filename*=UTF-8''..%2f..%2fa.jpg")
    assert answer.status in {201, 422}
    if answer.status == 201:
        assert json.loads(answer.body)["called"] == "a.jpg"
