"""The catalogues of translations, for tests: read, and compiled where a test wants them spoken."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.app.cli import argparse_words
from s4desk.core.runtime import i18n

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]


def load_maker() -> Any:
    """The module `packaging/catalogues.py`, which is in no package."""
    spec = importlib.util.spec_from_file_location("catalogues", ROOT / "packaging/catalogues.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def compiled_locale(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the catalogues as the code and the .po files are now."""
    into = tmp_path_factory.mktemp("locale")
    load_maker().compile_all(into=into)
    return into


@pytest.fixture
def speak(
    compiled_locale: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], None]]:
    """Let the process speak a language until the test ends."""
    for module in (i18n, argparse_words):
        monkeypatch.setattr(module, "resource", lambda *_names: compiled_locale)

    def speak(code: str) -> None:
        monkeypatch.setenv("LANGUAGE", code)
        i18n.choose()

    yield speak
    monkeypatch.setenv("LANGUAGE", "C")
    i18n.choose()
