"""Adapters under test: a core.db that has the tables of the plumbing and nothing else."""

import sys
from pathlib import Path

import pytest
from django.db import connection

from vedette.plumbing.db.models import KeyValue, OutboxRow

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def core_db(core_db: Path) -> Path:
    """Make the tables that the adapters need."""
    with connection.schema_editor() as editor:
        editor.create_model(KeyValue)
        editor.create_model(OutboxRow)
    return core_db
