"""Adapters under test: each suite asks for `make_<port>`, parametrised over all of them."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from vedette.plumbing.db.models import KeyValue, OutboxRow

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def core_db(tmp_path: Path, django_db_blocker: pytest.FixtureRequest) -> Iterator[Path]:
    """Point Django at a core.db of its own, on disk and with the settings of production; return its path."""
    path = tmp_path / "core.db"
    before = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = str(path)
        with connection.schema_editor() as editor:
            editor.create_model(KeyValue)
            editor.create_model(OutboxRow)
        yield path
        connection.close()
        connection.settings_dict["NAME"] = before
