from django.db import migrations

from interlude.record.audit.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("protocols", "0001_initial")]
    operations = [AppendOnly("protocolversion"), AppendOnly("protocolapproval")]
