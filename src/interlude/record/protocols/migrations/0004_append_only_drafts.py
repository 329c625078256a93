from django.db import migrations

from interlude.record.audit.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("protocols", "0003_drafts")]
    operations = [AppendOnly("protocoldraft"), AppendOnly("draftstep")]
