"""The catalogues are there for whoever starts first, and for all who start with it."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from cbt import i18n

WORKERS = 6


def test_processes_that_start_together_all_find_the_catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(i18n.TRANSLATIONS, tmp_path / "translations", ignore=shutil.ignore_patterns("*.mo", "*.part"))
    monkeypatch.setattr(i18n, "TRANSLATIONS", tmp_path / "translations")
    together = Barrier(WORKERS)

    def start() -> None:
        together.wait()
        i18n.compile_catalogues()

    with ThreadPoolExecutor(WORKERS) as processes:
        for each in [processes.submit(start) for _ in range(WORKERS)]:
            each.result()
    for locale in i18n.LOCALES:
        folder = tmp_path / "translations" / locale / "LC_MESSAGES"
        assert {path.name for path in folder.iterdir()} == {"messages.po", "messages.mo"}


def test_a_newer_catalogue_is_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(i18n.TRANSLATIONS, tmp_path / "translations")
    monkeypatch.setattr(i18n, "TRANSLATIONS", tmp_path / "translations")
    i18n.compile_catalogues()
    po, mo = (tmp_path / "translations" / "kk" / "LC_MESSAGES" / f"messages.{end}" for end in ("po", "mo"))
    before = mo.read_bytes()
    po.write_text(po.read_text("utf-8").replace('msgstr "Негіз: %(basis)s"', 'msgstr "Негізі: %(basis)s"'), "utf-8")
    os.utime(po, (mo.stat().st_mtime + 5,) * 2)
    i18n.compile_catalogues()
    assert mo.read_bytes() != before
