from django.db import migrations

from interlude.record.audit.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("appointments", "0001_initial")]
    operations = [AppendOnly("appointmentstep")]
