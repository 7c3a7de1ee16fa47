"""The catalogues of translations: made from the code, compiled for gettext.

    python packaging/catalogues.py update     take new messages over, after a change of texts
    python packaging/catalogues.py compile    write the .mo files that s4desk reads

A build compiles by itself (`build_hook.py`), and so does `dev.sh`. Needs Babel.
"""

from __future__ import annotations

import ast
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

DOMAIN = "s4desk"
LANGUAGES = ("de", "ja", "zh_CN")
KEYWORDS = {"tr": None, "tr_n": (1, 2), "N_": None}
ROOT = Path(__file__).parents[1]
LOCALE = ROOT / "resources" / "locale"
HEADER = "# {language} of s4desk. The words for things are in GLOSSARY.md.\n#"


def po_file(language: str, locale: Path = LOCALE) -> Path:
    return locale / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str, locale: Path = LOCALE) -> Catalog:
    with po_file(language, locale).open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def extract(root: Path = ROOT) -> Catalog:
    """All messages of the code, in the order of files and lines."""
    catalogue = Catalog(project=DOMAIN, domain=DOMAIN, charset="utf-8", fuzzy=False)
    found = extract_from_dir(
        str(root / "s4desk"),
        method_map=[("**.py", _calls)],
        keywords=KEYWORDS,
    )
    for file, _line, message, _comments, context in sorted(found, key=lambda each: each[:2]):
        added = catalogue.add(message, locations=[(file, 0)], context=context)
        added.flags.discard("python-format")  # “100 % of” is none
    return catalogue


def _calls(
    file: BinaryIO,
    keywords: Collection[str],
    _tags: object,
    options: object,
) -> Iterator[tuple[int, str, tuple[str | None, ...], list[str]]]:
    """The calls of a file, for Babel: its own way overlooks those inside of f-strings."""
    for node in ast.walk(ast.parse(file.read())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id in keywords:
            yield node.lineno, node.func.id, tuple(map(_text, node.args)), []


def _text(argument: ast.expr) -> str | None:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    return None


def update() -> None:
    """Bring the template and every catalogue to what the code says now.

    A message that was changed loses its translation rather than keep one that means another thing.
    """
    template = extract()
    (LOCALE / f"{DOMAIN}.pot").write_bytes(_written(template))
    for language in LANGUAGES:
        path = po_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            catalogue = read(language)
            catalogue.update(template, no_fuzzy_matching=True)
            catalogue.obsolete.clear()
        else:
            catalogue = _begun(language, template)
        save(language, catalogue)


def save(language: str, catalogue: Catalog) -> None:
    po_file(language).write_bytes(_written(catalogue))


def compile_all(locale: Path = LOCALE, into: Path | None = None) -> list[Path]:
    """Write the .mo of every catalogue, beside it or below `into`; returns their paths."""
    written = []
    for language in LANGUAGES:
        path = po_file(language, into or locale).with_suffix(".mo")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_mo(file, read(language, locale))
        written.append(path)
    return written


def _begun(language: str, template: Catalog) -> Catalog:
    catalogue = Catalog(
        locale=language, project=DOMAIN, domain=DOMAIN, charset="utf-8", fuzzy=False
    )
    catalogue.update(template, no_fuzzy_matching=True)
    return catalogue


def _written(catalogue: Catalog) -> bytes:
    """Neither lines, nor dates, nor versions: what changes is what is said."""
    name = catalogue.locale.english_name if catalogue.locale else "Messages"
    catalogue.header_comment = HEADER.format(language=name)
    file = BytesIO()
    write_po(file, catalogue, width=100, no_location=True, omit_header=False)
    dropped = (b'"POT-Creation', b'"PO-Revision', b'"Last-Tran', b'"Project-Id', b'"Report-')
    lines = file.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith((*dropped, b'"Generated-By')))


if __name__ == "__main__":
    {"update": update, "compile": compile_all}[sys.argv[1]]()
