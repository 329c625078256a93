from django.db import migrations

from interlude.record.audit.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("followup", "0001_initial")]
    operations = [AppendOnly("measuresplanned"), AppendOnly("nextdecision")]
