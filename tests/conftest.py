"""Shared by all tests: a data folder of their own, no network but loopback."""

import gc
import os
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from tests.support.corpora import found

os.environ.update(
    VEDETTE_DATA=os.environ.get("VEDETTE_TEST_DATA") or tempfile.mkdtemp(prefix="vedette-test-")
)
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
# A helper of `jsonschema` for international addresses, which no schema here has: to load it builds its grammar for four seconds.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
# How fast an example is drawn or passes is the machine's affair; speed is measured by benchmarks.
settings.register_profile(
    "quick", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=15
)
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=400)
CORPORA = Path(os.environ.get("VEDETTE_CORPORA", Path(__file__).parents[2] / "shared" / "corpora"))


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("thorough" if "property" in config.getoption("markexpr") else "quick")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that draw their examples: the slow proofs run them again, with ten times as many."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.property)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Make files as usual again: what runs as the server or a command narrows the mask of the process that it runs in."""
    os.umask(0o022)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a row by the beginning of what it holds: ids of megabytes would be sent to and fro for every test."""
    return f"{val[:60]!a}..." if isinstance(val, str | bytes) and len(val) > 200 else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among modules and tests: next to all of it lives to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Return the reference corpora; where they are not, skip, or fail when `VEDETTE_REQUIRE_CORPORA` is set."""
    return found(CORPORA, required=bool(os.environ.get("VEDETTE_REQUIRE_CORPORA")))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Let tests that commit be flushed: the audit log and receipts refuse deletions (their own tests prove it)."""
    from tests.support.migrating import allow_deletions, put_back_what_migrating_makes

    with django_db_blocker.unblock():
        allow_deletions()
        put_back_what_migrating_makes()


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash passwords cheaply within this process: hundreds of people are made, and each would cost 19 MiB and its time."""
    from django.test.utils import override_settings

    with override_settings(PASSWORD_HASHERS=["tests.support.people.Quick"]):
        yield


@pytest.fixture
def core_db(tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    """Point Django at an empty core.db on disk, with the settings of production; return its path."""
    from django.db import connection

    before, open_before = connection.settings_dict["NAME"], connection.connection
    with django_db_blocker.unblock():
        connection.connection, connection.settings_dict["NAME"] = None, str(tmp_path / "core.db")
        try:
            yield tmp_path / "core.db"
        finally:
            connection.close()
            connection.connection, connection.settings_dict["NAME"] = open_before, before
