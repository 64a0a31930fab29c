"""Realistic facts for papers, and ways to read a PDF back."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import segno
from pypdf import PdfReader

from cbt.documents.form_proof import FormProof, Picture, ProofArea, ProofOption, ProofQuestion
from cbt.documents.result_sheet import AreaPoints, ResultSheet
from cbt.documents.richtext import plain
from cbt.documents.score_list import ScoreList, ScoreRow
from cbt.documents.slips import Slip
from cbt.documents.wording import Bilingual

OPENS = datetime(2026, 3, 16, 4, 0, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=4)
POSITION = Bilingual(
    "Арнаулы әлеуметтік қызметтерге қажеттілікті бағалау және айқындау жөніндегі әлеуметтік қызметкер",
    "Социальный работник по оценке и определению потребности в специальных социальных услугах",
)
PLACE = Bilingual("Қызылорда қаласы, Ә. Молдағұлова көшесі, 12", "город Кызылорда, улица А. Молдагуловой, 12")
BODY = Bilingual(
    "Қызылорда облысының жұмыспен қамтуды үйлестіру және әлеуметтік бағдарламалар басқармасы",
    "Управление координации занятости и социальных программ Кызылординской области",
)
KAZAKH_NAME = "Һәкімжанова-Өмірзақова Іңкәр Ғұмарқызы"
ALPHABET = "АаӘәБбВвГгҒғДдЕеЁёЖжЗзИиЙйКкҚқЛлМмНнҢңОоӨөПпРрСсТтУуҰұҮүФфХхҺһЦцЧчШшЩщЪъЫыІіЬьЭэЮюЯя"

# What somebody may type to have it run: by the typesetter, by a spreadsheet, by a browser.
HOSTILE = [
    '#read("/etc/passwd")',
    '#eval("1+1")',
    "*x* _y_ `z`",
    "$x^2$",
    "@cite <label>",
    "] #panic() [",
    '"quotes" and \\ #sys.inputs',
    "= Heading",
    "// not a comment /* at all */",
    '=HYPERLINK("http://example.org")',
    "<script>alert(1)</script>",
    "{{ 7 * 7 }} ${7*7} %(points)s {page}",
]


def slip(**changes: Any) -> Slip:
    facts: dict[str, Any] = {
        "name": KAZAKH_NAME,
        "iin_tail": "4321",
        "position": POSITION,
        "place": PLACE,
        "opens_at": OPENS,
        "closes_at": CLOSES,
        "minutes": 60,
        "address": "https://exam.example.kz/candidate",
        "code": "123456789012",
    }
    return Slip(**facts | changes)


def area(number: int) -> AreaPoints:
    title = "Қорытынды дайындау: қызметтің түрі, алушының санаты, қызмет көрсетілетін жер, ұзақтығы, мазмұны"
    return AreaPoints(code=f"A{number}", title=title, points=number, maximum=10)


def sheet(**changes: Any) -> ResultSheet:
    facts: dict[str, Any] = {
        "body": BODY.kk,
        "name": KAZAKH_NAME,
        "iin_tail": "4321",
        "position": POSITION.kk,
        "place": PLACE.kk,
        "testing_language": "kk",
        "started_at": OPENS + timedelta(minutes=7, seconds=12),
        "finished_at": OPENS + timedelta(minutes=62, seconds=3),
        "duration": timedelta(minutes=54, seconds=51),
        "points": 57,
        "maximum": 80,
        "cut_score": 50,
        "admitted": True,
        "outcome": None,
        "source": "AR r.15",
        "edition": "25-ө",
        "areas": [area(number) for number in range(1, 10)],
        "supervisor": "Төлегенова Айгүл Серікқызы",
        "attempt": "2026-0001734",
        "form_hash": "9f2b71c0" * 8,
        "digest": "a3c4e1f7" * 8,
        "check_value": "K7QF-2M9X-84TD",
        "check_address": "https://exam.example.kz/check/K7QF-2M9X-84TD",
    }
    return ResultSheet(**facts | changes)


def score_list(rows: list[ScoreRow], **changes: Any) -> ScoreList:
    facts: dict[str, Any] = {
        "body": BODY.kk,
        "place": PLACE.kk,
        "opens_at": OPENS,
        "closes_at": CLOSES,
        "maximum": 80,
        "cut_score": 50,
        "edition": "25-ө",
        "rows": rows,
        "printed_by": "Төлегенова А. С.",
        "printed_at": CLOSES + timedelta(hours=1),
    }
    return ScoreList(**facts | changes)


def question(number: int, *, right: int = 1, **changes: Any) -> ProofQuestion:
    """A question whose every text is its own, so that a test can find it on the page."""
    facts: dict[str, Any] = {
        "code": f"NA-A1-{number:03}",
        "area": "A1",
        "kk": plain(f"Сұрақ{number} " + "мәтіні қажетті жағдайды сипаттайды " * 6),
        "ru": plain(f"Вопрос{number} " + "описывает нужную ситуацию подробно " * 6),
        "options": [
            ProofOption(
                kk=plain(f"нұсқа{number}{letter}"), ru=plain(f"вариант{number}{letter}"), correct=place == right
            )
            for place, letter in enumerate("абвг")
        ],
    }
    return ProofQuestion(**facts | changes)


def proof(questions: list[ProofQuestion], **changes: Any) -> FormProof:
    facts: dict[str, Any] = {
        "body": BODY,
        "position": POSITION,
        "number": "NA-2026-03",
        "areas": [ProofArea(code="A1", title=Bilingual("Заңнама негіздері", "Основы законодательства"))],
        "questions": questions,
        "form_hash": "9f2b71c0" * 8,
        "seed": "20260316-3",
        "drawn_by": "Әбенова М. Қ.",
        "drawn_at": OPENS,
        "approved_by": "Сейітқали Б. Ж.",
        "approved_at": OPENS + timedelta(hours=1),
        "printed_by": "Төлегенова А. С.",
        "printed_at": OPENS + timedelta(hours=2),
    }
    return FormProof(**facts | changes)


def picture() -> Picture:
    return Picture(png=png(width=40, height=20), alt=Bilingual("Бөлменің жоспары", "План комнаты"))


def png(*, width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = b"".join(b"\x00" + bytes([90]) * width for _ in range(height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def pages(pdf: bytes) -> list[str]:
    """The text of each page, every run of blanks as one space."""
    return [squeezed(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


def page_count(pdf: bytes) -> int:
    return len(PdfReader(io.BytesIO(pdf)).pages)


def words(pdf: bytes) -> str:
    return " ".join(pages(pdf))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def solid(text: str) -> str:
    """Without any blanks, for text that may be broken over lines anywhere."""
    return re.sub(r"\s+", "", text)


def tags(pdf: bytes) -> list[tuple[str, str | None]]:
    """What a screen reader is told: each structure element with the text given in place of a picture."""

    def walk(node: Any) -> Iterator[tuple[str, str | None]]:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for child in node:
                yield from walk(child)
        elif isinstance(node, dict):
            if "/S" in node:
                yield node["/S"], node.get("/Alt")
            if "/K" in node:
                yield from walk(node["/K"])

    return list(walk(PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/StructTreeRoot"]))


def heights(pdf: bytes, page: int) -> list[tuple[float, str]]:
    """Each piece of text on a page with how far above the bottom it stands, in points."""
    found: list[tuple[float, str]] = []

    def visit(text: str, cm: list[float], tm: list[float], *_: Any) -> None:
        if text.strip():
            found.append((tm[5] * cm[3] + cm[5], squeezed(text)))

    PdfReader(io.BytesIO(pdf)).pages[page].extract_text(visitor_text=visit)
    return found


def qr_cells(pdf: bytes) -> list[set[tuple[int, int]]]:
    """The dark cells, as (row, column), of each QR code drawn on the first page."""
    content = PdfReader(io.BytesIO(pdf)).pages[0].get_contents()
    assert content is not None
    found = []
    for drawing in re.findall(rb"/Alt[^\n]*?BDC(.*?)EMC", content.get_data(), re.DOTALL):
        strokes = re.findall(rb"(\d+) (\d+)\.5 m (\d+) \2\.5 l", drawing)
        found.append({(int(row), column) for start, row, end in strokes for column in range(int(start), int(end))})
    return found


def cells_of(address: str) -> set[tuple[int, int]]:
    matrix = segno.make(address, error="m", micro=False).matrix
    return {(row, column) for row, cells in enumerate(matrix) for column, dark in enumerate(cells) if dark}
