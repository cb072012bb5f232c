"""Takes migrations back in a test and forward again, and leaves the schema as the other tests want it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

_APPEND_ONLY = ("accounts_audit", "errors_receipt")


def allow_deletions() -> None:
    """Drop the triggers of what is append-only, so that tests that commit can be flushed (their own tests prove them)."""
    with connection.cursor() as cursor:
        for table in _APPEND_ONLY:
            for verb in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")


@contextmanager
def as_before(app: str, migration: str) -> Iterator[Apps]:
    """Run the block with an app as it was after a migration, and bring everything to the newest state after it."""
    executor = MigrationExecutor(connection)
    executor.migrate([(app, migration)])
    try:
        yield executor.loader.project_state([(app, migration)]).apps
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
        allow_deletions()
