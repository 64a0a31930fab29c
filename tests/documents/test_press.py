from __future__ import annotations

import io
import re

import pytest
import typst
from pypdf import PdfReader

from cbt.documents import press as press_module
from cbt.documents.form_proof import form_proof_pdf
from cbt.documents.press import STANDARDS, printable
from cbt.documents.result_sheet import result_sheet_pdf
from cbt.documents.score_list import ScoreRow, score_list_pdf
from cbt.documents.slips import slips_pdf

from .samples import HOSTILE, OPENS, pages, proof, question, score_list, sheet, slip, solid, tags

PAPERS = {
    "slips": lambda text: slips_pdf([slip(name=text)], language="kk"),
    "result_sheet": lambda text: result_sheet_pdf(sheet(name=text), language="kk"),
    "score_list": lambda text: score_list_pdf(score_list([ScoreRow(name=text, position=text)]), language="kk"),
    "form_proof": lambda text: form_proof_pdf(proof([question(1, code=text)], drawn_by=text)),
}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("paper", PAPERS)
def test_what_a_person_typed_is_printed_and_never_run(paper: str, text: str) -> None:
    assert solid(text) in solid("".join(pages(PAPERS[paper](text))))


@pytest.mark.parametrize("paper", PAPERS)
def test_the_same_facts_give_the_same_bytes(paper: str) -> None:
    assert PAPERS[paper]("Әсел") == PAPERS[paper]("Әсел")


def test_the_date_of_the_file_is_that_of_the_facts_and_not_of_the_clock() -> None:
    metadata = PdfReader(io.BytesIO(result_sheet_pdf(sheet(), language="kk"))).metadata
    assert metadata is not None
    assert metadata.creation_date == sheet().finished_at


@pytest.mark.parametrize("paper", PAPERS)
def test_a_paper_has_title_language_and_tags_for_screen_readers(paper: str) -> None:
    pdf = PAPERS[paper]("Әсел")
    reader = PdfReader(io.BytesIO(pdf))
    assert reader.metadata is not None
    assert reader.metadata.title
    assert reader.trailer["/Root"]["/Lang"] == "kk"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    metadata = reader.trailer["/Root"]["/Metadata"].get_object().get_data()
    assert b"<pdfaid:part>2</pdfaid:part>" in metadata
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert b"<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert all(alt for kind, alt in tags(pdf) if kind == "/Figure")


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        pytest.param("Әсел Іңкәр Ғұмарқызы", "Әсел Іңкәр Ғұмарқызы", id="kazakh letters"),
        pytest.param("и\u0306од", "йод", id="letters in two parts become one"),
        pytest.param("Асан\u202eнес", "Асаннес", id="right-to-left override"),
        pytest.param("\u2066Асан\u2069\u200f", "Асан", id="isolates and marks"),
        pytest.param("қы\u00adзыл\u200bор\ufeffда", "қызылорда", id="invisible letters"),
        pytest.param("Асан😀", "Асан□", id="no glyph"),
        pytest.param("Асан\x00\x1b", "Асан□□", id="control letters"),
        pytest.param("Асан\ud800", "Асан□", id="half a surrogate pair"),
        pytest.param("محمد", "□□□□", id="letters the typefaces lack"),
        pytest.param("бір\r\nекі\u2028үш", "бір\nекі\nүш", id="line ends"),
        pytest.param("10\u00a0000\u202f₸ № ≥ ½ м²", "10\u00a0000\u202f₸ № ≥ ½ м²", id="signs"),
    ],
)
def test_only_printable_letters_reach_the_page(typed: str, printed: str) -> None:
    assert printable(typed) == printed


@pytest.mark.parametrize("letter", ["😀", "محمد", "\x07", "\ud800", "\ue000", "中"])
def test_a_letter_without_a_glyph_does_not_stop_the_paper(letter: str) -> None:
    assert "□" in "".join(pages(PAPERS["result_sheet"](f"Асан {letter}")))


@pytest.mark.parametrize("style", ["", "weight: 700", 'style: "italic"', 'weight: 700, style: "italic"'])
def test_every_letter_that_counts_as_printable_has_a_glyph(style: str) -> None:
    letters = "".join(chr(code) for code in range(0x20, 0x3000) if not re.match(press_module._NOT_PRINTED, chr(code)))
    source = f'#set document(title: "t")\n#set text(font: ("Libertinus Serif", "New Computer Modern", "DejaVu Sans Mono"), lang: "kk")\n#text({style})[#sys.inputs.letters]'
    pdf = typst.compile(
        source.encode(),
        font_paths=press_module._typefaces(),
        ignore_system_fonts=True,
        sys_inputs={"letters": " ".join(letters)},
        pdf_standards=STANDARDS,
        timestamp=int(OPENS.timestamp()),
    )
    assert len(letters) > 2000
    assert pdf.startswith(b"%PDF")
