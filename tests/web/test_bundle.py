"""The player's modules as one script."""

from __future__ import annotations

from pathlib import Path

import pytest

from cbt.web.assets import STATIC
from cbt.web.bundle import joined


def test_each_module_comes_once_and_after_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "main.js").write_text('import { b } from "./b.js";\nimport * as a from "./a.js";\n\nb(a.one);\n')
    (tmp_path / "b.js").write_text(
        '/** B. */\nimport { one } from "./a.js";\n\nexport function b() {\n  return one;\n}\n'
    )
    (tmp_path / "a.js").write_text("export const one = 1;\n")
    text = joined(tmp_path, "main")
    assert [text.index(f"module_{name} =") for name in "ab"] == sorted(text.index(f"module_{name} =") for name in "ab")
    assert text.count("const one = 1;") == 1
    assert "const a = module_a;" in text
    assert "const { one } = module_a;" in text
    assert "export" not in text
    assert "/**" not in text


def test_a_module_written_in_another_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "main.js").write_text('import b from "./b.js";\n')
    with pytest.raises(ValueError, match=r"main\.js"):
        joined(tmp_path, "main")


def test_the_player_is_whole() -> None:
    text = joined(STATIC / "player", "main") + joined(STATIC / "player", "practice")
    for path in (STATIC / "player").glob("*.js"):
        assert f"module_{path.stem} =" in text, f"{path.name} is not used"
