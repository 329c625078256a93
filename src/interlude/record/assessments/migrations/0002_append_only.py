from django.db import migrations

from interlude.record.audit.operations import AppendOnly

TABLES = [
    "fact",
    "factwithdrawal",
    "allergystatement",
    "medicinestatement",
    "medicineend",
    "medicinereview",
    "treatmenttrial",
    "trialwithdrawal",
    "consultationentry",
    "reportwithdrawal",
    "eligibilitydecision",
]


class Migration(migrations.Migration):
    dependencies = [("assessments", "0001_initial")]
    operations = [AppendOnly(table) for table in TABLES]
