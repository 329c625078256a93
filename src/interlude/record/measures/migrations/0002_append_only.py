from django.db import migrations

from interlude.record.audit.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("measures", "0001_initial")]
    operations = [
        AppendOnly("assignmentstep"),
        AppendOnly("itemanswer"),
        AppendOnly("response"),
        AppendOnly("riskaction"),
    ]
