"""The examples of the documentation, run as they stand there, behind the doors they stand before."""

import re
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from guard.tests.doors import Answer, Ask, ask_asgi, ask_wsgi

DOCS = Path(__file__).parents[2] / "docs" / "guard"
Asker = Callable[[Ask], Answer]


def example(page: str, framework: str, changes: Mapping[str, str] | None = None) -> types.ModuleType:
    """Return the example of a page that is about a framework, as a module; `changes` replace texts in it."""
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
    code = next(block for block in blocks if re.search(rf"^from {framework}\b", block, re.MULTILINE))
    for before, after in (changes or {}).items():
        assert before in code
        code = code.replace(before, after)
    module = types.ModuleType(f"written_{framework}")
    sys.modules[module.__name__] = module  # FastAPI looks annotations up there
    exec(compile(code, page, "exec"), module.__dict__)  # noqa: S102
    return module


@contextmanager
def asked(module: types.ModuleType, framework: str) -> Iterator[Asker]:
    """Yield what asks an example: `fastapi`, `flask`, `django` or `django-asgi`."""
    if framework == "fastapi":
        yield lambda ask: ask_asgi(module.app, ask)
    elif framework == "flask":
        yield lambda ask: ask_wsgi(module.app, ask)
    else:
        yield from _django(module, asgi=framework == "django-asgi")


def _django(module: types.ModuleType, *, asgi: bool) -> Iterator[Asker]:
    said = override_settings(
        ROOT_URLCONF=module, MIDDLEWARE=["vedette_guard.doors.django.GuardMiddleware"], ALLOWED_HOSTS=["*"],
        VEDETTE_GUARD=None, VEDETTE_GUARD_USER=None, APPEND_SLASH=False,
    )  # fmt: skip
    with said:
        handler: Any = ASGIHandler() if asgi else WSGIHandler()
        yield lambda ask: (ask_asgi if asgi else ask_wsgi)(handler, ask)
