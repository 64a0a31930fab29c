"""The bodies that exist before anybody signs in: the ministry and the 20 oblast-level bodies. Source: AR r.6."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ReferenceBody:
    """A body by its KATO code (classifier of administrative-territorial objects) and its names."""

    kind: str
    kato: str
    kk: str
    ru: str
    en: str


def _oblast(kato: str, kk: str, ru: str, en: str) -> ReferenceBody:
    return ReferenceBody(
        kind="oblast",
        kato=kato,
        kk=f"{kk} облысының жұмыспен қамтуды үйлестіру және әлеуметтік бағдарламалар басқармасы",
        ru=f"Управление координации занятости и социальных программ {ru}",
        en=f"Department of Coordination of Employment and Social Programmes of {en} Oblast",
    )


def _city(kato: str, kk: str, ru: str, en: str) -> ReferenceBody:
    return ReferenceBody(
        kind="oblast",
        kato=kato,
        kk=f"{kk} қаласының жұмыспен қамту және әлеуметтік бағдарламалар басқармасы",
        ru=f"Управление занятости и социальных программ города {ru}",
        en=f"Department of Employment and Social Programmes of the City of {en}",
    )


MINISTRY = ReferenceBody(
    kind="ministry",
    kato="000000000",
    kk="Қазақстан Республикасының Еңбек және халықты әлеуметтік қорғау министрлігі",
    ru="Министерство труда и социальной защиты населения Республики Казахстан",
    en="Ministry of Labour and Social Protection of the Population of the Republic of Kazakhstan",
)

OBLASTS = (
    _oblast("100000000", "Абай", "области Абай", "Abai"),
    _oblast("110000000", "Ақмола", "Акмолинской области", "Akmola"),
    _oblast("150000000", "Ақтөбе", "Актюбинской области", "Aktobe"),
    _oblast("190000000", "Алматы", "Алматинской области", "Almaty"),
    _oblast("230000000", "Атырау", "Атырауской области", "Atyrau"),
    _oblast("270000000", "Батыс Қазақстан", "Западно-Казахстанской области", "West Kazakhstan"),
    _oblast("310000000", "Жамбыл", "Жамбылской области", "Zhambyl"),
    _oblast("330000000", "Жетісу", "области Жетісу", "Zhetisu"),
    _oblast("350000000", "Қарағанды", "Карагандинской области", "Karaganda"),
    _oblast("390000000", "Қостанай", "Костанайской области", "Kostanay"),
    _oblast("430000000", "Қызылорда", "Кызылординской области", "Kyzylorda"),
    _oblast("470000000", "Маңғыстау", "Мангистауской области", "Mangystau"),
    _oblast("550000000", "Павлодар", "Павлодарской области", "Pavlodar"),
    _oblast("590000000", "Солтүстік Қазақстан", "Северо-Казахстанской области", "North Kazakhstan"),
    _oblast("610000000", "Түркістан", "Туркестанской области", "Turkistan"),
    _oblast("620000000", "Ұлытау", "области Ұлытау", "Ulytau"),
    _oblast("630000000", "Шығыс Қазақстан", "Восточно-Казахстанской области", "East Kazakhstan"),
    _city("710000000", "Астана", "Астаны", "Astana"),
    _city("750000000", "Алматы", "Алматы", "Almaty"),
    _city("790000000", "Шымкент", "Шымкента", "Shymkent"),
)
