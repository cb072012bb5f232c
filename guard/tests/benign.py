"""Requests that attack nothing, as applications get them; many of them look as if they did.

Texts are other people's: Python's documentation, docstrings and source, the descriptions and licences of installed
packages (Markdown with code), Django's translations, Faker's names, addresses and browsers of several countries. What
people type that is known to be mistaken for an attack stands in `TRICKY`.

What is drawn depends on the seed and on a request's number alone: the packages are named, each request has a random
generator of its own, and a text is picked by where its hash stands on a ring (consistent hashing, D. Karger et al., 1997).
So one text more takes the place of a neighbour in the few requests that drew it, and nothing else moves.
"""

import base64
import bisect
import datetime
import functools
import gettext
import hashlib
import importlib
import importlib.metadata
import inspect
import json
import pydoc_data.topics
import random
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import django
from faker import Faker
from faker.providers.address.it_IT import Provider as Italian

from guard.tests.doors import Ask, Headers

LANGUAGES = ("de", "fr", "es", "it", "pl", "tr", "ru", "ja")
LOCALES = ("en_US", "en_IE", "de_DE", "fr_FR", "it_IT", "pl_PL", "ja_JP", "tr_TR")
MODULES = (
    "argparse", "asyncio", "calendar", "collections", "configparser", "contextlib", "csv", "dataclasses", "datetime",
    "decimal", "difflib", "email", "enum", "fractions", "functools", "glob", "heapq", "http.client", "imaplib",
    "inspect", "ipaddress", "itertools", "json", "locale", "logging", "mailbox", "optparse", "os", "pathlib", "pickle",
    "platform", "pprint", "random", "re", "shlex", "shutil", "smtplib", "socket", "sqlite3.dump", "statistics", "string",
    "subprocess", "tarfile", "tempfile", "textwrap", "threading", "tokenize", "typing", "unittest", "urllib.parse",
    "urllib.request", "uuid", "webbrowser", "xml.sax", "zipfile",
)  # fmt: skip

# Packages whose descriptions and licences are read: what the locked requirements install, so none is there by chance.
PACKAGES = """
a2wsgi acme aiofiles aiosmtpd annotated-doc annotated-types anyio apprise argon2-cffi argon2-cffi-bindings asgiref
ast-serialize asttokens atpublic attrs blinker bottle brotli cbor2 certifi cffi charset-normalizer click cronsim
cryptography cyclopts django django-allauth django-ninja django-stubs django-stubs-ext dnspython docstring-parser
editables execnet executing faker fastapi fido2 filetype flask google-re2 granian graphql-core greenlet grimp grpcio
grpcio-health-checking h11 h2 harfile hatchling hpack httpcore httpx hypercorn hyperframe hyperscan hypothesis
hypothesis-graphql icmplib idna import-linter iniconfig inline-snapshot itsdangerous jinja2 jmespath josepy jsonschema
jsonschema-rs jsonschema-specifications librt litestar litestar-htmx markdown markdown-it-py markupsafe mdurl msgspec
multidict multipart mypy mypy-extensions nh3 oauthlib oncalendar opentelemetry-api packaging pathspec pillow
playwright pluggy polyfactory priority protobuf psutil pyasn1 pyasn1-modules pycparser pycurl pydantic pydantic-core
pygments pyopenssl pyrate-limiter pyrfc3339 pytest pytest-django pytest-randomly pytest-socket pytest-timeout
pytest-xdist python-multipart pyyaml qrcode quart redis referencing requests requests-oauthlib rich rich-click
rich-rst rpds-py ruff schemathesis sentry-sdk setuptools sniffio sortedcontainers sqlparse starlette structlog tomlkit
trove-classifiers types-jsonschema types-psutil types-pygments types-pyyaml typing-extensions typing-inspection tzdata
urllib3 uv uvicorn uvloop webauthn websockets werkzeug wsproto zstandard zxcvbn
"""

TODAY = datetime.datetime(2026, 1, 1)  # noqa: DTZ001 - Faker takes the bound without a zone

TRICKY = """
select a union hotel|union station hotel|western union or moneygram|student union bar|European Union and the select committee
select * the best|where to order by phone|group by age and order by price|drop table lamp|insert coin|update my address
drop-leaf table|table for 2 or 4|delete my account|how to delete from list|like or dislike|1 or 2 bedrooms|2 + 3 = 5
O'Brien|O'Reilly and Sons|D'Angelo|L'Oréal|rock 'n' roll|'n Sync|Guns N' Roses|Hawai'i|c'est la vie|qu'est-ce que c'est
don't or won't|it's 5' 10" tall|6'2" and 180 lbs|27" monitor or 24"|12" x 18" frame|3/4" plywood|"exact phrase" OR other
"red shoes" AND boots -leather|AT&T|Q&A|R&D|B&B near me|rock & roll|salt & pepper|Marks & Spencer|you & me; us
a = b or c = d|x > 0 and y < 10|if x == 1 then y = 2|f(x) = sin(x) + cos(x)|sin(2*x)|log(10)|sqrt(2)|x^2 + y^2 = z^2|1+1=2
5 > 3|3 < 5|<3|I <3 you|a->b|=> here|<= 10|>= 18|100% sure|50% off|C++ or C#|C#|.NET Core|node.js vs deno|F#|#1 fan|#hashtag
--|---|-- end|=====|*****|~~~|***bold***|_italic_|`code`|`ls -la`|`git status`|`pip install requests`|> quoted|1. first|* item
$5.00|$100|€ 20,50|£10|¥500|US$ 5|$PATH|${name}|{{ name }}|{name}|{% if user %}|%s|%d items|%20|100%25|a%b|50%-60%
../images/logo.png|./run.sh|~/projects|C:\\Users\\Jane\\Documents|C:\\Program Files\\App|/home/jane/photos|/var/www|file.tar.gz
https://example.com/|https://example.com/a?b=c&d=e#f|http://localhost:3000/callback|https://docs.python.org/3/library/os.html
mailto:jane@example.com|jane.doe+test@example.co.uk|tel:+49-30-123456|ftp server|javascript tutorial|learn JavaScript: the good parts
alert fatigue|prompt engineering|confirm order|eval framework|document management|window cleaning|top gear|parent portal|self storage
on click event|online=true|onboarding=done|once = twice|script writing|the script (2008)|iframe embed code|how to use <b> tags
cat food|cat pictures|top 10 hotels|find a doctor|who is who|date of birth|make a reservation|time zone|head office|tail light|sort by price
less is more|touch screen|kill bill|host a party|echo dot|ping pong|env variables|test drive|nice restaurant|watch repair|man cave
cat /dev/null meaning|sh vs bash|curl vs wget|vim or emacs|python 3.12|pip|perl script|ruby on rails|go get|rm|sudo make me a sandwich
null|NULL|None|undefined|NaN|true|false|0|-1|1e5|0x1F|1,000.50|1.000,50|12:30|2024-02-30|1/2|50/50|24/7|9-5|(555) 123-4567|+1 (555) 010-9999
Smith; Jones; Brown|a; b; c|one, two & three|first (second) third|[draft] title|{a, b}|a|b|a || b|a && b|!important|wow!!!|what?!|???|:-)|;-)|:(|<o>
int main() { return 0; }|let x = y || z;|const a = b && c;|for (i = 0; i < 10; i++)|if (a == b) { c(); }|x = "a" + 'b'|print('hello')|SELECT statement help
function f() {}|() => {}|def f(x): return x|a.b.c()|obj['key']|arr[0]|#!/bin/bash basics|<!-- todo -->|/* comment */|// note|# heading|## Sub
Der Hund und die Katze, oder?|Straße & Gäßchen 12/3|Größe: 42 (EU)|„Zitat" oder 'Zitat'|l'été à l'île d'Oléron|aujourd'hui ou demain|s'il vous plaît
""".strip()


T = TypeVar("T")


class Ring(Sequence[str]):
    """Texts, each once, by their hashes; a draw gets the first at or behind the place it fell on."""

    def __init__(self, texts: Iterable[str]) -> None:
        placed = sorted(
            (hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], text) for text in set(texts)
        )
        self._places = [int.from_bytes(place, "big") for place, _ in placed]
        self._texts = [text for _, text in placed]

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, index: Any) -> Any:
        return self._texts[index]

    def at(self, place: int) -> str:
        """Return the text at a place of 64 bits."""
        return self._texts[bisect.bisect_left(self._places, place) % len(self._texts)]


@functools.cache
def tricky() -> Ring:
    """Return what people type that looks like an attack."""
    lines = TRICKY.replace("a|b|a || b", "a || b").split("\n")
    return Ring(term for line in lines for term in line.split("|") if term)


@functools.cache
def prose() -> Ring:
    """Return paragraphs of Python's documentation, licences and docstrings."""
    texts = list(pydoc_data.topics.topics.values())
    texts += [inspect.getdoc(importlib.import_module(name)) or "" for name in MODULES]
    for distribution in _distributions():
        texts += [
            Path(str(found.locate())).read_text(errors="replace")
            for found in distribution.files or []
            if re.match(r"(?:LICENSE|NOTICE|AUTHORS)", found.name)
        ]
    return Ring(
        part.strip() for text in texts for part in re.split(r"\n\s*\n", text) if len(part.strip()) > 20
    )


def _distributions() -> list[importlib.metadata.Distribution]:
    """Return the packages. Raise PackageNotFoundError, which names it, when one is not installed."""
    return [importlib.metadata.distribution(name) for name in PACKAGES.split()]


@functools.cache
def markdown() -> Ring:
    """Return sections of the descriptions of packages: Markdown and reStructuredText with code, tables, links, badges."""
    texts = [str(one.metadata.get_payload() or one.metadata["Description"] or "") for one in _distributions()]
    sections = [part for text in texts for part in re.split(r"\n(?=#+ )", text)]
    return Ring(section[:3000] for section in sections if len(section) > 40)


@functools.cache
def code() -> Ring:
    """Return functions and classes of Python's library, as somebody puts them into a report of an issue."""
    found: list[str] = []
    for name in MODULES:
        module = importlib.import_module(name)
        source = inspect.getsource(module) if hasattr(module, "__file__") else ""
        found += [block for block in re.split(r"\n(?=(?:def|class|@|[A-Z_]+ =))", source) if len(block) > 60]
    return Ring(block[:2500] for block in found)


@functools.cache
def translated() -> Ring:
    """Return what Django says in other languages."""
    folder = Path(django.__file__).parent
    found: list[str] = []
    for language in LANGUAGES:
        for part in ("conf", "contrib/admin", "contrib/auth"):
            path = folder / part / "locale" / language / "LC_MESSAGES" / "django.mo"
            with path.open("rb") as file:
                catalog = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
            found += [str(text) for key, text in catalog.items() if key and text]
    return Ring(text for text in found if text.split())


@functools.cache
def _fakers() -> list[Faker]:
    # Faker keeps Italian cities in the order of a set, which is another in each process.
    Italian.cities = sorted(Italian.cities)
    return [Faker(locale) for locale in LOCALES]


class Visitor:
    """Draws one request, by a seed and the request's number."""

    def __init__(self, seed: int, number: int) -> None:
        self.random = random.Random(f"{seed}-{number}")

    def one(self, several: Sequence[T]) -> T:
        """Return one of several; how many there are does not change what is drawn next."""
        return several[int(self.random.random() * len(several))]

    def of(self, texts: Ring) -> str:
        """Return one of several texts."""
        return texts.at(self.random.getrandbits(64))

    def faker(self) -> Any:
        """Return a faker of some country."""
        fake = self.one(_fakers())
        fake.seed_instance(self.random.getrandbits(64))
        return fake

    def words(self, most: int = 6) -> str:
        """Return some words in a row from somebody's prose."""
        words = self.of(self.one([prose(), translated(), markdown()])).split()
        start = int(self.random.random() * len(words))
        return " ".join(words[start : start + self.random.randint(1, most)])

    def term(self) -> str:
        """Return what somebody searches."""
        fake = self.faker()
        makers: list[Callable[[], str]] = [
            lambda: self.of(tricky()), lambda: self.of(tricky()), self.words, self.words,
            lambda: f'"{self.words(3)}" {self.one(["OR", "AND", "+", "-", "|"])} "{self.words(2)}"',
            lambda: f"{self.words(2)} {self.one(['and', 'or', 'not', '&', '+', '/', '-'])} {self.words(2)}",
            fake.name, fake.company, fake.city, fake.address, fake.catch_phrase if hasattr(fake, "catch_phrase") else fake.job,
            fake.job, fake.phone_number, lambda: str(fake.isbn13()), lambda: str(fake.date(end_datetime=TODAY)),
        ]  # fmt: skip
        return self.one(makers)()

    def long(self) -> str:
        """Return what somebody writes into a large field."""
        several = self.random.randint(1, 4)
        makers: list[Callable[[], str]] = [
            lambda: "\n\n".join(self.of(prose()) for _ in range(several)), lambda: self.of(markdown()),
            lambda: f"{self.of(prose())}\n\n```python\n{self.of(code())}\n```\n\n{self.words(20)}",
            lambda: self.of(code()), lambda: " ".join(self.of(translated()) for _ in range(several)),
            lambda: "\n".join(self.of(tricky()) for _ in range(several)), self._html, self._csv,
            lambda: self.faker().text(600), lambda: self.faker().paragraph(),
        ]  # fmt: skip
        return self.one(makers)()[:8000]

    def _html(self) -> str:
        return (
            f"<p>{self.words(30)}</p><ul><li>{self.words()}</li><li><b>{self.words()}</b></li></ul>"
            f'<p style="text-align: center;"><a href="https://example.com/{self.random.random()}" target="_blank" '
            f'rel="noopener">{self.words()}</a><br /><img src="/media/{uuid.UUID(int=self.random.getrandbits(128))}.png" '
            f'alt="{self.words(3).replace(chr(34), "")}" width="300"></p><blockquote class="q">{self.words(9)}</blockquote>'
        )

    def _csv(self) -> str:
        fake = self.faker()
        return "\n".join(f'{n};"{fake.name()}";{fake.email()};{fake.postcode()};{n * 1.5}' for n in range(8))

    def token(self) -> str:
        """Return what machines put into values."""
        raw = self.random.randbytes(self.random.randint(12, 300))
        makers: list[Callable[[], str]] = [
            lambda: base64.b64encode(raw).decode(), lambda: base64.urlsafe_b64encode(raw).decode(), raw.hex,
            lambda: str(uuid.UUID(int=self.random.getrandbits(128))), self._jwt, self.faker().user_name,
            lambda: f"{self.random.uniform(-90, 90):.6f},{self.random.uniform(-180, 180):.6f}",
            lambda: str(self.random.randint(0, 10**9)), lambda: self.faker().iso8601(end_datetime=TODAY), lambda: self.faker().hex_color(),
            lambda: self.one(["-created", "name,-price", "asc", "en-GB", "a:1|b:2", "status:open author:@me", "1-10", "on", ""]),
        ]  # fmt: skip
        return self.one(makers)()

    def _jwt(self) -> str:
        parts = [
            json.dumps({"alg": "HS256"}).encode(),
            json.dumps({"sub": self.random.random()}).encode(),
            self.random.randbytes(32),
        ]
        return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)

    def fields(self) -> dict[str, str]:
        """Return a form that somebody filled in."""
        fake = self.faker()
        return {
            "csrfmiddlewaretoken": self.token(), "name": fake.name(), "email": fake.email(), "address": fake.address(),
            "city": fake.city(), "company": fake.company(), "phone": fake.phone_number(), "url": fake.url(),
            "title": self.term(), "comment": self.long(), "price": str(fake.pydecimal(5, 2)), "agree": "on",
        }  # fmt: skip

    def headers(self) -> Headers:
        """Return the headers of a browser."""
        referer = f"https://shop.example/search?q={quote(self.term(), safe='')}"
        cookie = f"sessionid={self.token()}; csrftoken={uuid.UUID(int=self.random.getrandbits(128)).hex}; prefs={quote(self.token())}"
        return [
            ("user-agent", self.faker().user_agent()), ("accept", "text/html,*/*;q=0.8"), ("accept-language", "de,en;q=0.5"),
            ("referer", referer), ("cookie", cookie), ("x-requested-with", "XMLHttpRequest"),
        ]  # fmt: skip


def requests(count: int, seed: int = 1) -> Iterator[Ask]:
    """Return so many requests: searches, forms, JSON, uploads' fields, pages."""
    kinds = [_search, _search, _page, _form, _json, _multipart]
    for number in range(count):
        visitor = Visitor(seed, number)
        yield visitor.one(kinds)(visitor)


def _search(visitor: Visitor) -> Ask:
    more = {"page": "2", "sort": visitor.token()} if visitor.random.random() < 0.5 else {"q2": visitor.term()}
    return Ask(path="/search", query=urlencode({"q": visitor.term(), **more}), headers=visitor.headers())


def _page(visitor: Visitor) -> Ask:
    slug = quote(visitor.term().replace("/", "-"), safe="'!()*,;:@&=+$-._~")
    query = urlencode(
        {
            "utm_source": visitor.token(),
            "next": f"/account/{visitor.random.randint(1, 99)}?tab=a",
            "v": visitor.token(),
        }
    )
    path = visitor.one(["/wiki/", "/articles/2024/", "/users/", "/static/js/"]) + slug
    return Ask(path=path, query=query, headers=visitor.headers())


def _form(visitor: Visitor) -> Ask:
    body = urlencode(visitor.fields()).encode()
    kind = ("content-type", "application/x-www-form-urlencoded")
    return Ask(method="POST", path="/comments", headers=[*visitor.headers(), kind], chunks=[body])


def _json(visitor: Visitor) -> Ask:
    fields = visitor.fields()
    value = {
        **fields, "tags": [visitor.term() for _ in range(4)], "id": visitor.token(), "nested": {"note": visitor.long(), "n": 1},
        "rows": [[visitor.term(), 1.5, None, True]],
    }  # fmt: skip
    body = json.dumps(value, ensure_ascii=visitor.random.random() < 0.5).encode()
    return Ask(
        method="POST",
        path="/api/issues",
        headers=[*visitor.headers(), ("content-type", "application/json")],
        chunks=[body],
    )


def _multipart(visitor: Visitor) -> Ask:
    parts = [
        f'--xyz\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in visitor.fields().items()
    ]
    name = visitor.faker().file_name().replace('"', "")
    file = f'--xyz\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    body = b"".join([*parts, file.encode(), visitor.random.randbytes(500), b"\r\n--xyz--\r\n"])
    kind = ("content-type", "multipart/form-data; boundary=xyz")
    return Ask(method="POST", path="/upload", headers=[*visitor.headers(), kind], chunks=[body])
