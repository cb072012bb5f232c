"""Shared by the tests of detection: the shipped rules and what reads lines, made once."""

import datetime
from collections.abc import Callable, Iterable

import pytest

from vedette.agent.detect.rules import load
from vedette.agent.detect.types import Rule
from vedette.instruments.logs.reading import Reader
from vedette.instruments.logs.registry import parsers
from vedette.instruments.logs.types import LogEntry
from vedette.instruments.logs.wanting import Wanted

FAR = datetime.datetime(2099, 12, 31, tzinfo=datetime.UTC).timestamp()


@pytest.fixture(scope="session")
def shipped() -> tuple[Rule, ...]:
    return load()


@pytest.fixture(scope="session")
def reader_of() -> Callable[[Wanted], Callable[[bytes], Iterable[LogEntry]]]:
    known = parsers()

    def made(wanted: Wanted) -> Callable[[bytes], Iterable[LogEntry]]:
        reader = Reader(known, wanted, engine="re2")
        return lambda lines: reader.entries(lines, "test", FAR)

    return made
