"""Annotations of GitHub Actions: one line each, written into the log of a step.

Escapes as the workflow commands of GitHub want them: `%`, carriage return and newline everywhere, `:` and `,` in properties.
"""

from collections.abc import Iterator

from vedette.instruments.scan import verdict
from vedette.instruments.scan.telling.types import Format, Telling
from vedette.instruments.scan.telling.words import plain, spot
from vedette.wire.finding import Finding


def _write(told: Telling) -> str:
    return "".join(f"{line}\n" for line in _lines(told))


def _lines(told: Telling) -> Iterator[str]:
    for blind in verdict.blind_spots(told.reports):
        message = f"{blind.subject}: {blind.why} {blind.fix}".strip()
        yield f"::error title={_property('Could not know')}::{_message(message)}"
    counted = {id(each) for each in verdict.failing(told.reports, told.fail_on)}
    for each in verdict.failed(told.reports):
        yield _annotation(each, "error" if id(each) in counted else "warning")
    yield f"::notice title=Vedette::{_message(told.verdict.reason)}"


def _annotation(each: Finding, level: str) -> str:
    at = spot(each)
    file = f"file={_property(at.file)}," if at else ""
    line = f"line={at.line}," if at and at.line else ""
    text = " ".join(
        filter(None, (each.title, each.why, each.fix, each.reason, "" if at else f"At {each.place}."))
    )
    return f"::{level} {file}{line}title={_property(each.check)}::{_message(text)}"


def _message(text: str) -> str:
    return plain(text).replace("%", "%25")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


FORMAT = Format(name="github", about="Annotations of GitHub Actions.", write=_write)
