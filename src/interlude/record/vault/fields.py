"""Model fields for identity and free text, encrypted per patient.

A model that uses them defines the property `subject_id` (the patient's UUID) and has a primary key before
it is saved (a UUID default). Values are decrypted when they are read, not when the row is loaded.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from interlude.record.vault import cipher


class _Decrypting:
    """The attribute of an encrypted field: bytes from the database are opened on first use."""

    def __init__(self, field: EncryptedTextField) -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type[models.Model] | None = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        if name not in instance.__dict__:
            instance.refresh_from_db(fields=[name])
        value = instance.__dict__[name]
        if isinstance(value, (bytes, memoryview)):
            value = self.field.open(instance, bytes(value))
            instance.__dict__[name] = value
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.BinaryField):
    """Text, readable only with the key of the row's patient. Cannot be filtered on."""

    if TYPE_CHECKING:
        # What the type checker shall believe: text in and out, although bytes are stored.
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = True
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, kwargs

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Decrypting(self))

    def bound_to(self, instance: models.Model) -> str:
        return f"{instance._meta.db_table}.{self.column}:{instance.pk}"

    def to_text(self, value: Any) -> str:
        return str(value)

    def from_text(self, text: str) -> Any:
        return text

    def open(self, instance: models.Model, stored: bytes) -> Any:
        text = cipher.decrypt(instance.subject_id, stored, self.bound_to(instance))  # type: ignore[attr-defined]
        return None if text is None else self.from_text(text)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, (bytes, memoryview)):
            return value
        subject_id = model_instance.subject_id  # type: ignore[attr-defined]
        return cipher.encrypt(subject_id, self.to_text(value), self.bound_to(model_instance))

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise TypeError(f"{self.name} is encrypted: it cannot be filtered on")

    def get_default(self) -> Any:
        # A text that was left out is empty, not unknown bytes.
        return super().get_default() if self.has_default() else None

    def value_to_string(self, obj: models.Model) -> str:
        return str(getattr(obj, self.attname))


class EncryptedJSONField(EncryptedTextField):
    """A JSON value, encrypted like `EncryptedTextField`."""

    def to_text(self, value: Any) -> str:
        return json.dumps(value, cls=DjangoJSONEncoder, separators=(",", ":"), sort_keys=True)

    def from_text(self, text: str) -> Any:
        return json.loads(text)
