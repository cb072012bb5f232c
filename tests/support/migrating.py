"""Takes migrations back in a test and forward again, and leaves the schema as the other tests want it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps.registry import Apps, apps
from django.contrib.contenttypes.management import create_contenttypes
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.signals import post_migrate

_APPEND_ONLY = ("accounts_audit", "errors_receipt")

_MADE_BY_DJANGO = (
    (
        "SELECT id, app_label, model FROM django_content_type",
        "INSERT OR IGNORE INTO django_content_type (id, app_label, model) VALUES (%s, %s, %s)",
    ),
    (
        "SELECT id, content_type_id, codename, name FROM auth_permission",
        "INSERT OR IGNORE INTO auth_permission (id, content_type_id, codename, name) VALUES (%s, %s, %s, %s)",
    ),
)


def allow_deletions() -> None:
    """Drop the triggers of what is append-only, so that tests that commit can be flushed (their own tests prove them)."""
    with connection.cursor() as cursor:
        for table in _APPEND_ONLY:
            for verb in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")


def put_back_what_migrating_makes() -> None:
    """Keep the content types and permissions of now, and after each flush put them back as they are.

    Django works them out anew after every flush, from all models: a tenth of a second for each test that commits.
    """
    with connection.cursor() as cursor:
        kept = [(insert, cursor.execute(select).fetchall()) for select, insert in _MADE_BY_DJANGO]

    def put_back(**_: Any) -> None:
        with connection.cursor() as cursor:
            for insert, rows in kept:
                cursor.executemany(insert, rows)

    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.connect(put_back, sender=apps.get_app_config("contenttypes"), weak=False)


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
