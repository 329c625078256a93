"""A migration operation that makes a table append-only in the database itself, on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations.base import Operation


class AppendOnly(Operation):
    """Refuse UPDATE and DELETE (and TRUNCATE on PostgreSQL) on the table of a model, whoever asks."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def state_forwards(self, app_label: str, state: Any) -> None:
        return

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
        for statement in _forwards(schema_editor.connection.vendor, table):
            schema_editor.execute(statement)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        for statement in _backwards(schema_editor.connection.vendor, table):
            schema_editor.execute(statement)

    def describe(self) -> str:
        return f"Make {self.model_name} append-only"


def _forwards(vendor: str, table: str) -> list[str]:
    if vendor == "sqlite":
        return [
            f'CREATE TRIGGER "{table}_no_{verb}" BEFORE {verb.upper()} ON "{table}" '
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("update", "delete")
        ]
    return [
        f'CREATE FUNCTION "{table}_append_only"() RETURNS trigger AS $$ '
        f"BEGIN RAISE EXCEPTION '{table} is append-only'; END $$ LANGUAGE plpgsql",
        f'CREATE TRIGGER "{table}_no_change" BEFORE UPDATE OR DELETE ON "{table}" '
        f'FOR EACH ROW EXECUTE FUNCTION "{table}_append_only"()',
        f'CREATE TRIGGER "{table}_no_truncate" BEFORE TRUNCATE ON "{table}" '
        f'FOR EACH STATEMENT EXECUTE FUNCTION "{table}_append_only"()',
    ]


def _backwards(vendor: str, table: str) -> list[str]:
    if vendor == "sqlite":
        return [f'DROP TRIGGER "{table}_no_{verb}"' for verb in ("update", "delete")]
    return [
        f'DROP TRIGGER "{table}_no_change" ON "{table}"',
        f'DROP TRIGGER "{table}_no_truncate" ON "{table}"',
        f'DROP FUNCTION "{table}_append_only"()',
    ]
