from django.db import migrations

from interlude.record.audit.operations import AppendOnly

TABLES = (
    "phasestep",
    "sessionorder",
    "gateanswer",
    "injection",
    "observation",
    "sessionevent",
    "score",
    "dischargeanswer",
    "discharge",
)


class Migration(migrations.Migration):
    dependencies = [("dosing", "0001_initial")]
    operations = [AppendOnly(table) for table in TABLES]
