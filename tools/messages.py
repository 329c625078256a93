"""The message catalogues: every text of the product, in every language.

    python tools/messages.py            extract all texts and bring locale/*/LC_MESSAGES/django.po up to date
    python tools/messages.py --check    fail when a text is not translated, or a compiled catalogue is old

Texts come from Python (gettext, gettext_lazy, N_), from templates, and from the data files of the domain.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "interlude"
LOCALES = SOURCE / "locale"
LANGUAGES = ("de",)
KEYWORDS = ("_", "gettext", "gettext_lazy", "N_", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy")
CALL = re.compile(r"\b(gettext|ngettext|pgettext|_)\(")

Message = tuple[str | tuple[str, str], str | None]


def of_python(path: Path) -> Iterator[Message]:
    with path.open("rb") as file:
        for _line, function, text, _comments in extract_python(file, list(KEYWORDS), [], {}):
            if function in ("pgettext", "pgettext_lazy"):
                yield text[1], text[0]
            elif function in ("ngettext", "ngettext_lazy"):
                yield (text[0], text[1]), None
            elif isinstance(text, tuple):
                if text[0]:
                    yield text[0], None
            elif text:
                yield text, None


def _arguments(source: str) -> list[str]:
    """The string arguments of a call whose opening bracket begins `source`."""
    depth, strings = 0, []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.string == "(":
            depth += 1
        elif token.string == ")":
            depth -= 1
            if depth == 0:
                break
        elif token.type == tokenize.STRING:
            strings.append(str(eval(token.string, {})))
    return strings


def of_template(path: Path) -> Iterator[Message]:
    from django.utils.translation.template import templatize

    text = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for call in CALL.finditer(text):
        strings = _arguments(text[call.end() - 1 :])
        if call[1] == "pgettext":
            yield strings[1], strings[0]
        elif call[1] == "ngettext":
            yield (strings[0], strings[1]), None
        elif strings:
            yield strings[0], None


def of_domain() -> Iterator[Message]:
    from interlude.domain import evidence, instruments, protocol

    for module in (protocol, instruments, evidence):
        for text in getattr(module, "translatable_texts", tuple)():
            yield text, None


def every_message() -> Iterator[tuple[Message, str]]:
    for path in sorted(SOURCE.rglob("*.py")):
        if "/migrations/" not in path.as_posix():
            yield from ((message, path.relative_to(ROOT).as_posix()) for message in of_python(path))
    for path in sorted(SOURCE.rglob("templates/**/*.*")):
        if path.is_file():
            yield from ((message, path.relative_to(ROOT).as_posix()) for message in of_template(path))
    yield from ((message, "src/interlude/domain") for message in of_domain())


def extract() -> Catalog:
    catalog = Catalog(project="Interlude", charset="utf-8")
    for (text, context), place in every_message():
        catalog.add(text, context=context, locations=[(place, None)])  # type: ignore[list-item]
    return catalog


def po_path(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def load(language: str) -> Catalog:
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def update(language: str, template: Catalog) -> None:
    catalog = load(language)
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    path = po_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=110, omit_header=False, sort_output=True, include_lineno=False)
    path.with_suffix(".mo").write_bytes(compiled(catalog))
    missing = untranslated(catalog, template)
    print(f"{language}: {len(catalog)} texts, {len(missing)} not translated")


def untranslated(catalog: Catalog, template: Catalog) -> list[str]:
    missing = []
    for message in template:
        if not message.id:
            continue
        found = catalog.get(message.id, context=message.context)  # type: ignore[arg-type]
        strings = found.string if found and isinstance(found.string, (tuple, list)) else [found.string if found else ""]
        if not all(strings):
            missing.append(str(message.id))
    return missing


GAP = re.compile(r"%\(\w+\)s|\{\w*[^}]*\}")


def different_gaps(catalog: Catalog) -> list[str]:
    """Translations whose {gaps} or %(gaps)s differ from the text's own: they would fail or lose a value."""
    wrong = []
    for message in catalog:
        if not message.id or not message.string:
            continue
        texts = message.id if isinstance(message.id, (tuple, list)) else [message.id]
        strings = message.string if isinstance(message.string, (tuple, list)) else [message.string]
        allowed = {frozenset(GAP.findall(text)) for text in texts}
        wrong += [string for string in strings if string and frozenset(GAP.findall(string)) not in allowed]
    return wrong


def check(language: str, template: Catalog) -> list[str]:
    catalog = load(language)
    problems = [f"{language}: not translated: {text!r}" for text in untranslated(catalog, template)]
    problems += [f"{language}: gaps differ: {text!r}" for text in different_gaps(catalog)]
    mo = po_path(language).with_suffix(".mo")
    if not mo.exists() or mo.read_bytes() != compiled(catalog):
        problems.append(f"{language}: the compiled catalogue is old; run tools/messages.py")
    return problems


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    settings.configure(USE_I18N=True)
    template = extract()
    if not options.check:
        for language in LANGUAGES:
            update(language, template)
        return 0
    problems = [problem for language in LANGUAGES for problem in check(language, template)]
    for problem in problems[:20]:
        print(problem)
    print(f"{len(problems)} problems in the catalogues")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
