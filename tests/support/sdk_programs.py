"""Small programs that report with the real sentry-sdk: `python -m tests.support.sdk_programs <name>`, DSN in SENTRY_DSN."""

import logging
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import sentry_sdk

PLANTED = "hunter2-planted-secret"


def _init(**how: Any) -> None:
    """Begin as in an application without a framework: else each that happens to be installed here is loaded, for a second."""
    sentry_sdk.init(auto_enabling_integrations=False, **how)


def plain() -> None:
    _init(release="shop@1.2.3", environment="staging", server_name="web-1")
    sentry_sdk.set_user({"id": "42", "email": "anna@shop.example", "username": "anna"})
    sentry_sdk.set_tag("tenant", "acme")
    sentry_sdk.set_context("order", {"total": 12.5, "items": ["tea", "cup"]})
    password = PLANTED  # noqa: F841 - a local variable the SDK sends and Vedette must not keep
    try:
        {}["missing"]
    except KeyError as error:
        sentry_sdk.capture_exception(error)


def chained() -> None:
    _init()
    try:
        try:
            int("x")
        except ValueError as error:
            raise RuntimeError("the order could not be read") from error
    except RuntimeError as error:
        sentry_sdk.capture_exception(error)


def breadcrumbs() -> None:
    _init()
    sentry_sdk.add_breadcrumb(
        category="auth", message="anna signed in", level="info", data={"by": "password"}
    )
    sentry_sdk.add_breadcrumb(category="cart", message="added tea", level="debug")
    sentry_sdk.capture_message("checkout is slow", level="warning")


def logs() -> None:
    _init()
    logger = logging.getLogger("shop.orders")
    logger.warning("stock is low")
    logger.error("order %s failed for %s", 17, "anna")


def threads() -> None:
    _init()

    def work() -> None:
        raise ZeroDivisionError("in a thread of its own")

    thread = threading.Thread(target=work, name="packer")
    thread.start()
    thread.join()


def workers() -> None:
    """Work off tasks in threads as Celery's worker does: a scope for each task, its name as tag and transaction."""
    _init()

    def pack(number: int) -> None:
        raise ValueError(f"order {number} is empty")

    def print_label(number: int) -> None:
        raise ConnectionError("no printer")

    def work(task: Callable[[int], None], number: int) -> None:
        with sentry_sdk.isolation_scope() as scope:
            scope.set_tag("task", task.__name__)
            scope.set_transaction_name(f"tasks.{task.__name__}")
            try:
                task(number)
            except Exception:  # noqa: BLE001 - a worker outlives its tasks
                sentry_sdk.capture_exception()

    with ThreadPoolExecutor(2) as pool:
        for number, task in enumerate((pack, print_label), 2):
            pool.submit(work, task, number)


def tasks() -> None:
    """Fail in a task of asyncio that nobody awaits."""
    import asyncio

    from sentry_sdk.integrations.asyncio import AsyncioIntegration

    async def find(parcel: str) -> None:
        sentry_sdk.set_tag("region", "eu")
        try:
            {}[parcel]
        except KeyError as error:
            raise LookupError("no such parcel") from error

    async def main() -> None:
        _init(integrations=[AsyncioIntegration()])
        task = asyncio.create_task(find("p-1"), name="find a parcel")
        await asyncio.wait([task])
        assert isinstance(task.exception(), LookupError)  # asked for, so that asyncio does not log it as well

    asyncio.run(main())


def uncaught() -> None:
    _init()
    raise LookupError("nobody caught this")


def django() -> None:
    from django.conf import settings
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    def order(request: HttpRequest, number: int) -> HttpResponse:
        raise PermissionError(f"order {number} is not yours")

    settings.configure(
        ROOT_URLCONF=(path("orders/<int:number>/", order),),
        ALLOWED_HOSTS=["*"],
        SECRET_KEY="x",
        LOGGING_CONFIG=None,
    )
    from wsgiref.util import setup_testing_defaults

    from django.core.wsgi import get_wsgi_application

    sentry_sdk.init(send_default_pii=True)
    environ = {
        "PATH_INFO": "/orders/7/",
        "QUERY_STRING": f"token={PLANTED}",
        "HTTP_AUTHORIZATION": f"Bearer {PLANTED}",
        "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
    }
    setup_testing_defaults(environ)
    get_wsgi_application()(environ, lambda *_: lambda _: None)


def fastapi() -> None:
    import asyncio

    from fastapi import FastAPI

    sentry_sdk.init()
    app = FastAPI()

    @app.get("/items/{item}")
    async def read(item: str) -> None:
        raise TypeError(f"no such item: {item}")

    asyncio.run(_ask(app, "/items/tea"))


async def _ask(app: object, path: str) -> None:
    """Ask an ASGI application once, as a server would."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "method": "GET", "path": path, "raw_path": path.encode(),
        "query_string": b"", "headers": [(b"host", b"shop.example")], "http_version": "1.1", "scheme": "http",
        "server": ("shop.example", 80), "client": ("203.0.113.7", 4000), "root_path": "",
    }  # fmt: skip

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: object) -> None:
        """Nobody reads the answer."""

    try:
        await app(scope, receive, send)  # type: ignore[operator]
    except TypeError:
        return


def many() -> None:
    """Send other items too: a transaction, a session, logs, a check-in, an attachment."""
    _init(traces_sample_rate=1.0, auto_session_tracking=True, enable_logs=True)
    with sentry_sdk.start_transaction(name="checkout"):
        sentry_sdk.logger.info("a structured log line")
    from sentry_sdk.crons import capture_checkin

    capture_checkin(monitor_slug="nightly", status="ok")
    sentry_sdk.get_current_scope().add_attachment(bytes=b"tea, cup", filename="order.txt")
    sentry_sdk.capture_message("beside other items")


if __name__ == "__main__":
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    program = {name: value for name, value in globals().items() if callable(value)}[sys.argv[1]]
    try:
        program()
    finally:
        sentry_sdk.flush(10)
