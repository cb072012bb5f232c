"""Tables that count: one tree in the order of their key. What begins with an underscore is no migration to Django."""

from django.db import migrations


class CreateCounting(migrations.CreateModel):
    """Make a table WITHOUT ROWID: one tree in the order of its key."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        """Create the table."""
        plain = schema_editor.sql_create_table
        schema_editor.sql_create_table = f"{plain} WITHOUT ROWID"
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        finally:
            schema_editor.sql_create_table = plain
