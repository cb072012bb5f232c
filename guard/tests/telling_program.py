"""A program that is told a DSN, tells, forks, tells again in the child, and ends at once."""

import os
import sys
from wsgiref.util import setup_testing_defaults

from vedette_guard import Policy, Telemetry, WsgiGuard, tell


def app(environ, start_response):  # type: ignore[no-untyped-def]
    """Tell which process this is, and of which step."""
    tell(environ, "inspect", environ["QUERY_STRING"], {"pid": os.getpid()})
    start_response("200 OK", [])
    return [b""]


def ask(guarded, says):  # type: ignore[no-untyped-def]
    """Ask the application."""
    environ = {"QUERY_STRING": says}
    setup_testing_defaults(environ)
    return list(guarded(environ, lambda *_: None))


def main() -> None:
    guarded = WsgiGuard(app, Policy(telemetry=Telemetry(dsn=sys.argv[1])))
    ask(guarded, "before the fork")
    child = os.fork()
    ask(guarded, "in the child" if child == 0 else "in the parent")
    if child:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
