from __future__ import annotations

import pytest

from cbt.documents.richtext import plain, tree


def test_plain_text_is_one_paragraph_without_styles() -> None:
    assert tree(plain("**x**")) == [{"kind": "p", "runs": [{"text": "**x**", "styles": []}]}]


def test_a_tree_keeps_blocks_runs_and_styles_in_order() -> None:
    blocks = (
        ("p", (("H", frozenset()), ("2", frozenset({"sub"})), ("O", frozenset({"i", "b"})))),
        ("ul", ((("бір", frozenset()),), (("екі", frozenset({"sup"})),))),
    )
    assert tree(blocks) == [
        {
            "kind": "p",
            "runs": [
                {"text": "H", "styles": []},
                {"text": "2", "styles": ["sub"]},
                {"text": "O", "styles": ["b", "i"]},
            ],
        },
        {
            "kind": "ul",
            "entries": [[{"text": "бір", "styles": []}], [{"text": "екі", "styles": ["sup"]}]],
        },
    ]


@pytest.mark.parametrize(
    "blocks", [(("h1", (("x", frozenset()),)),), (("p", (("x", frozenset({"u"})),)),), (("ul", ((("x", {"code"}),),)),)]
)
def test_an_unknown_block_or_style_is_not_printed(blocks: object) -> None:
    with pytest.raises(ValueError, match="unknown"):
        tree(blocks)  # type: ignore[arg-type]
