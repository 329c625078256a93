from django.db import migrations

from interlude.record.audit.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_initial")]
    operations = [
        AppendOnly("coursestep"),
        AppendOnly("consenttext"),
        AppendOnly("consent"),
        AppendOnly("consentwithdrawal"),
        AppendOnly("driver"),
        AppendOnly("comfort"),
    ]
