from django.db import migrations

from interlude.record.audit.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("devices", "0001_initial")]
    operations = [AppendOnly("rawmessage")]
