"""A file as each framework hands it over, from a real multipart body; and what is said when the extras are missing."""

import asyncio
import io
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from bottle import Bottle
from bottle import request as bottle_request
from litestar import Litestar, Request, post
from quart import Quart
from quart import request as quart_request

from guard.tests import sent_files as sent
from guard.tests.doors import Ask, ask_asgi, ask_wsgi
from vedette_guard import Guard, WsgiGuard
from vedette_guard.uploads import Accepted, Uploads, Verdict

SAID = 'filename="Urlaub (2).jpg"'
BODY = (
    f'--edge\r\nContent-Disposition: form-data; name="photo"; {SAID}\r\nContent-Type: image/jpeg\r\n\r\n'.encode()
    + sent.image("JPEG")
    + b"\r\n--edge--\r\n"
)
ASK = Ask(method="POST", headers=[("content-type", "multipart/form-data; boundary=edge")], chunks=[BODY])
Take = Callable[[Any], Verdict]


def litestar(take: Callable[[Any], Awaitable[Verdict]]) -> Any:
    @post("/page", status_code=201)
    async def view(request: Request[Any, Any, Any]) -> str:
        return (await take((await request.form())["photo"])).original

    return Guard(Litestar([view]))


def quart(take: Callable[[Any], Awaitable[Verdict]]) -> Any:
    app = Quart("uploads")

    @app.post("/page")
    async def view() -> tuple[str, int]:
        return (await take((await quart_request.files)["photo"])).original, 201

    return Guard(app)


def bottle(take: Take) -> Any:
    app = Bottle()

    @app.post("/page")  # type: ignore[untyped-decorator, unused-ignore]
    def view() -> str:
        verdict = take(bottle_request.files["photo"])
        from bottle import response

        response.status = 201
        return verdict.original

    return WsgiGuard(app)


@pytest.mark.parametrize("framework", ["litestar", "quart", "bottle"])
def test_a_file_of_each_framework_is_read(tmp_path: Path, framework: str) -> None:
    told: list[Verdict] = []
    uploads = Uploads(tmp_path / "uploads", told=told.append)
    if framework == "bottle":
        answer = ask_wsgi(bottle(uploads.take), ASK)
    else:
        answer = ask_asgi({"litestar": litestar, "quart": quart}[framework](uploads.take_async), ASK)
    assert (answer.status, answer.body.decode().strip('"')) == (201, "Urlaub (2).jpg"), answer
    assert isinstance(told[0], Accepted)


def test_an_open_file_is_called_by_the_end_of_its_path(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(sent.image("JPEG"))
    uploads = Uploads(tmp_path / "uploads")
    with (tmp_path / "a.jpg").open("rb") as file:
        file.read(3)  # what was read before is read again
        verdict = uploads.take(file)
    assert (verdict.accepted, verdict.original) == (True, "a.jpg")


def test_many_at_once_do_not_meet(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads")

    async def all_of_them() -> list[Verdict]:
        photos = [io.BytesIO(sent.image("JPEG", (n + 1, 5))) for n in range(20)]
        return await asyncio.gather(*(uploads.take_async(photo, name="a.jpg") for photo in photos))

    verdicts = asyncio.run(all_of_them())
    assert len({v.sha256 for v in verdicts if isinstance(v, Accepted)}) == 20
    assert list(uploads.quarantine.iterdir()) == []


MISSING = """
import sys
for name in ("nh3", "PIL", "filetype"):
    sys.modules[name] = None
import vedette_guard, vedette_guard.text as text
print(text.escape("<"), text.clean_filename("a/b"))
for call in (lambda: text.sanitize_html("x"), lambda: __import__("vedette_guard.uploads")):
    try:
        call()
    except ImportError as error:
        print(error)
"""


def test_without_the_extras_it_is_said_which_one_is_wanted() -> None:
    done = subprocess.run([sys.executable, "-c", MISSING], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "&lt; b",
        "sanitize_html needs nh3: pip install 'vedette-guard[html]'",
        "uploads need Pillow and filetype: pip install 'vedette-guard[uploads]'",
    ]
