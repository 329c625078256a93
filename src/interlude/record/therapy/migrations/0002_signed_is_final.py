from typing import Any

from django.db import migrations

TABLE = "therapy_therapyvisit"
MESSAGE = "a signed visit is final"


def forwards(apps: Any, schema_editor: Any) -> None:
    """Refuse any change to a visit that has its signature, in the database itself."""
    if schema_editor.connection.vendor == "sqlite":
        for verb in ("update", "delete"):
            schema_editor.execute(
                f'CREATE TRIGGER "{TABLE}_signed_no_{verb}" BEFORE {verb.upper()} ON "{TABLE}" '
                f"WHEN OLD.signature_id IS NOT NULL BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )
        return
    schema_editor.execute(
        f'CREATE FUNCTION "{TABLE}_signed"() RETURNS trigger AS $$ '
        f"BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$ LANGUAGE plpgsql"
    )
    schema_editor.execute(
        f'CREATE TRIGGER "{TABLE}_signed_no_change" BEFORE UPDATE OR DELETE ON "{TABLE}" '
        f'FOR EACH ROW WHEN (OLD.signature_id IS NOT NULL) EXECUTE FUNCTION "{TABLE}_signed"()'
    )


def backwards(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        for verb in ("update", "delete"):
            schema_editor.execute(f'DROP TRIGGER "{TABLE}_signed_no_{verb}"')
        return
    schema_editor.execute(f'DROP TRIGGER "{TABLE}_signed_no_change" ON "{TABLE}"')
    schema_editor.execute(f'DROP FUNCTION "{TABLE}_signed"()')


class Migration(migrations.Migration):
    dependencies = [("therapy", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
