"""Tables that count: one tree in the order of their key; for migrations."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState


class CreateCounting(migrations.CreateModel):
    """Make a table WITHOUT ROWID: one tree in the order of its key."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Create the table."""
        plain = schema_editor.sql_create_table
        schema_editor.sql_create_table = f"{plain} WITHOUT ROWID"
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        finally:
            schema_editor.sql_create_table = plain
