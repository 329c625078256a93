"""Directions that the import graph cannot see: foreign keys, hidden clocks, writes outside services."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2] / "src" / "interlude"
DOORS = sorted((ROOT / "interfaces").rglob("*.py"))
PURE = sorted([*(ROOT / "domain").rglob("*.py"), *(ROOT / "codecs").rglob("*.py")])


def test_foreign_keys_point_to_the_same_room_or_an_earlier_one() -> None:
    order = {label: position for position, label in enumerate(settings.ROOMS)}
    backwards = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"  # type: ignore[union-attr]
        for model in apps.get_models()
        if model._meta.app_label in order
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model is not None
        if order.get(field.related_model._meta.app_label, -1) > order[model._meta.app_label]  # type: ignore[union-attr]
    ]
    assert backwards == []


def test_the_settings_list_the_rooms_in_the_order_of_the_import_contract() -> None:
    text = (ROOT.parents[1] / ".importlinter").read_text()
    section = text.split("[importlinter:contract:rooms]")[1].split("[importlinter:contract")[0]
    listed = [line.strip(" ()") for line in section.split("layers =")[1].splitlines() if line.strip()]
    assert [room for room in reversed(listed) if room not in ("live", "sharing")] == settings.ROOMS


WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
QUERYSET_WRITES = {"update", "delete"}


def writes(path: Path) -> list[str]:
    """Calls in a door that look like a write to the record: `.save()`, `Model.objects.create()`, `.update()`."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner = ast.unparse(node.func.value)
        through_manager = ".objects" in owner or "filter(" in owner or "for(" in owner
        if (node.func.attr in WRITES and not owner.startswith(("image", "figure"))) or (
            node.func.attr in QUERYSET_WRITES and through_manager
        ):
            found.append(f"{path}:{node.lineno} {owner}.{node.func.attr}()")
    return found


def test_doors_write_through_services_only() -> None:
    assert [line for path in DOORS for line in writes(path)] == []


def test_the_check_for_writes_can_fail(tmp_path: Path) -> None:
    path = tmp_path / "imagined.py"
    path.write_text("def view(r):\n    Patient.objects.filter(pk=1).update(sex='x')\n    patient.save()\n")
    assert [line.rsplit(" ", 1)[1] for line in writes(path)] == [
        "Patient.objects.filter(pk=1).update()",
        "patient.save()",
    ]


CLOCKS = ("datetime.now(", "date.today(", "utcnow(", "time.time(", "default_rng()", "random.random(")


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_domain_and_codecs_read_no_clock_and_no_randomness(path: Path) -> None:
    text = path.read_text()
    assert [clock for clock in CLOCKS if clock in text] == []
