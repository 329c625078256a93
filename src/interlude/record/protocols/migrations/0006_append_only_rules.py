from django.db import migrations

from interlude.record.audit.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("protocols", "0005_rules")]
    operations = [AppendOnly("rulesversion"), AppendOnly("rulesapproval")]
