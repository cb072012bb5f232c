"""Our logs tell no secret and are one JSON value a line."""

import io
import json
import logging

import pytest

from vedette.app import logs
from vedette.core.settings import Settings


@pytest.fixture
def lines():
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure(Settings(log_format="json"))
    stream = io.StringIO()
    root.handlers[0].setStream(stream)  # type: ignore[attr-defined]
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)


def test_a_line_is_json_with_level_time_and_name(lines) -> None:
    logs.logger("vedette.test").info("started", port=8700)
    logging.getLogger("vedette.plain").warning("low on %s", "disk")
    first, second = lines()
    assert (first["event"], first["port"], first["level"], first["logger"]) == (
        "started",
        8700,
        "info",
        "vedette.test",
    )
    assert (second["event"], second["level"]) == ("low on disk", "warning")
    assert first["timestamp"].endswith("Z")


def test_secret_looking_values_print_as_dots(lines) -> None:
    logs.logger("vedette.test").info(
        "x", smtp_password="p1", Authorization="Bearer p2", api_token="p3", dsn="p4", name="ok"
    )
    (line,) = lines()
    assert {line[k] for k in ("smtp_password", "Authorization", "api_token", "dsn")} == {"••••"}
    assert line["name"] == "ok"


def test_an_exception_is_part_of_its_line(lines) -> None:
    try:
        raise ValueError("nothing")
    except ValueError:
        logs.logger("vedette.test").exception("failed")
    (line,) = lines()
    assert "ValueError: nothing" in line["exception"]
