"""Words that a question should not use: options about options, hurtful terms, and a “not” that is easy to miss."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cbt.bank import markup
from cbt.bank.letters import folded_words

_NAMED = r"(?:выше|ниже)?(?:перечисленн|указанн|названн|описанн)\w+"
_RIGHT = r"(?:верн|правильн)\w+"
_NAMED_KK = r"(?:аталған|көрсетілген|айтылған|тізілген|келтірілген)\w*"
_ALL_KK = r"(?:барлығы|бәрі|ешқайсысы|ешбірі|бірде бірі)"
_OPTIONS_ABOUT_OPTIONS = re.compile(
    "|".join(
        (
            # anywhere in an option
            r"\bвсе (?:выше|ниже)(?:перечисленн|указанн|названн|описанн)\w+",
            rf"\bвсе (?:ответы|варианты)(?: ответ\w+)? {_RIGHT}",
            rf"\b{_RIGHT} все (?:ответы|варианты|{_NAMED})",
            rf"\b(?:нет|отсутствует) {_RIGHT} (?:ответа|варианта|ответ|вариант)\b",
            rf"\b{_RIGHT} (?:ответа|варианта) нет\b",
            rf"\b(?:ни один|ни одно|ни одна|ничего) (?:из )?{_NAMED}",
            rf"\b(?:жоғарыда|төменде) {_NAMED_KK} {_ALL_KK}\b",
            rf"\b(?:жоғарыда|төменде|осында)ғылардың {_ALL_KK}\b",
            rf"\b{_NAMED_KK} {_ALL_KK}\b",
            r"\bбарлық (?:жауап|нұсқа)\w* дұрыс\b",
            r"\bдұрыс (?:жауап|нұсқа) (?:жоқ|берілмеген|көрсетілмеген)\b",
            # a whole option
            r"^все (?:это |варианты |ответы )?(?:верно|правильно|верны|правильны)$",
            rf"^все {_NAMED}(?: {_RIGHT}| варианты| ответы| действия| меры)?$",
            r"^ни один (?:вариант|ответ)(?: не \w+)?$",
            r"^(?:осының |олардың |бұлардың )?(?:барлығы|бәрі)(?: да| де)?(?: дұрыс)?$",
            r"^(?:олардың |бұлардың )?ешқайсысы(?: да)?(?: дұрыс емес)?$",
            r"^(?:верны |правильны |варианты |ответы )?[абвгbd] (?:и|және) [абвгbd](?: \w+){0,2}$",
        )
    )
)

_PERSON_RU = r"(?:а|у|ом|е|ы|и|ов|ам|ами|ах)?"
_PERSON_KK = r"(?:[лдт][еа]р\w*|[дт][іы]ң|[дт][іы]|[гғкқ][еа]|[дт][еа]н|[бмп]ен)?"
# What a civil servant does not write about people, and what stands in its place. A quoted word is spoken about.
_HURTFUL: Mapping[str, tuple[tuple[str, str], ...]] = {
    "ru": (
        (r"инвалидн\w+ (?:коляск|кресл)\w+", "кресло-коляска"),
        (rf"инвалид{_PERSON_RU}", "лицо с инвалидностью"),
        (r"престарел\w+|старик(?:а|у|ом|е|и|ов|ам|ами|ах)?|старух\w+|старушк\w+|дряхл\w+", "пожилой человек"),
        (r"умственно отстал\w+|слабоумн\w+|дебил\w*|имбецил\w*|идиот\w*", "лицо с нарушением интеллекта"),
        (rf"олигофрен{_PERSON_RU}", "лицо с нарушением интеллекта"),
        (r"душевнобольн\w+|психбольн\w+|психически больн\w+|сумасшедш\w+", "лицо с психическим расстройством"),
        (rf"шизофреник{_PERSON_RU}", "лицо с психическим расстройством"),
        (rf"аутист{_PERSON_RU}", "человек с аутизмом"),
        (rf"эпилептик{_PERSON_RU}", "человек с эпилепсией"),
        (r"даун(?:ы|ов|ам|ами|ах)", "люди с синдромом Дауна"),
        (rf"паралитик{_PERSON_RU}|калек\w+|убог\w+", "лицо с инвалидностью"),
        (r"глухонем\w+", "лицо с нарушением слуха и речи"),
        (rf"колясочник{_PERSON_RU}", "человек, передвигающийся на кресле-коляске"),
        (r"прикован\w* к (?:постел|кроват|коляск|кресл)\w+", "человек, нуждающийся в постоянном уходе"),
        (rf"алкоголик{_PERSON_RU}|пьяниц\w+", "лицо с алкогольной зависимостью"),
        (rf"наркоман{_PERSON_RU}", "лицо с наркотической зависимостью"),
        (rf"бомж{_PERSON_RU}|бомже[йм]", "лицо без определенного места жительства"),
    ),
    "kk": (
        (r"мүгедек(?:тер)?(?:дің)? (?:арба|кресло)\w*", "кресло-арба"),
        (rf"мүгедек{_PERSON_KK}", "мүгедектігі бар адам"),
        (rf"кемтар{_PERSON_KK}", "мүгедектігі бар адам"),
        (r"ақыл есі кем\w*|кемақыл\w*", "зият бұзылысы бар адам"),
        (rf"есуас{_PERSON_KK}|есалаң{_PERSON_KK}|нақұрыс{_PERSON_KK}|жынды", "психикасы бұзылған адам"),
        (rf"шизофреник{_PERSON_KK}", "психикасы бұзылған адам"),
        (rf"аутист{_PERSON_KK}", "аутизмі бар адам"),
        (rf"эпилептик{_PERSON_KK}", "эпилепсиясы бар адам"),
        (r"саңырау мылқау\w*|мылқау\w*", "есту және сөйлеу қабілеті бұзылған адам"),
        (rf"кемпір{_PERSON_KK}|шал(?:дар\w*)?", "қарт адам"),
        (rf"маскүнем{_PERSON_KK}|алкоголик{_PERSON_KK}", "алкогольге тәуелді адам"),
        (rf"нашақор{_PERSON_KK}", "есірткіге тәуелді адам"),
        (r"қаңғыбас\w*|бомж\w*", "белгілі бір тұрғылықты жері жоқ адам"),
    ),
}
_HURTFUL_RULES = {
    language: tuple((re.compile(rf"\b(?:{pattern})\b"), better) for pattern, better in rules)
    for language, rules in _HURTFUL.items()
}
# Names of treaties, days, societies and former laws are kept as they were given.
_FIXED_NAMES = re.compile(
    r"\b(?:конвенци|деклараци)\w+ о правах инвалидов\b|\bд(?:ень|ня|ню|нем|не) инвалидов\b|\bобществ\w+ инвалидов\b"
    r"|\bо социальной защите инвалидов\b|\bмүгедектердің құқықтары туралы (?:конвенция|декларация)\w*"
    r"|\bмүгедектер күн\w+|\bмүгедектер(?:дің)? қоғам\w+|\bмүгедектерді әлеуметтік қорғау туралы\b"
)
_QUOTED = re.compile(r"«[^«»]*»|“[^“”]*”|\"[^\"]*\"")

# Short words of Russian that no Kazakh text holds; words that also exist in Kazakh (не, от, без) are left out.
_RUSSIAN_WORD = re.compile(
    r"(?<![\w-])(?:и|или|что|если|при|для|как|его|ее|они|она|это|из|на|по|об|под|чтобы|также)(?![\w-])"
)

_SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]*")
_QUESTION_WORD_RU = r"(?:что|как(?:ой|ая|ое|ие|их|им|ими|ую|ого|ому|ом)|кто|кого|кому|чего|котор\w+|когда|где|куда)"
_NEGATIVE = {
    # A “not” that belongs to the question itself: before any comma, since a condition follows one, and no “not this, but
    # that”. “Except” after “all” or at the end; elsewhere it means “besides”.
    "ru": re.compile(
        rf"\b{_QUESTION_WORD_RU}\b[^,;:—–]*?\b(не)\b(?!.*,\s*а\b)|\bвсе\w*\b.*\b(кроме|за исключением)\b"
        r"|\b(кроме|за исключением)[\s:?.]*$|\b((?:неверн|неправильн)\w+)\b"
    ),
    # The predicate closes a Kazakh sentence.
    "kk": re.compile(
        r"\b(емес)\b(?: деп \w+)?[\s?.]*$|\b(\w+(?:майды|мейді|байды|бейді|пайды|пейді))[\s?.]*$"
        r"|[днт][ае]н\s(басқасы\w*)|\b(қоспағанда)\b"
    ),
}
_ASKS_WHY = re.compile(r"\b(?:неге|неліктен|не себепті|не үшін|почему|зачем)\b")


def is_about_options(option: str) -> bool:
    """Whether an option speaks of the others: “all of the above”, “none is right”, “a and b”."""
    return bool(_OPTIONS_ABOUT_OPTIONS.search(folded_words(option)))


def hurtful_words(text: str, language: str) -> Iterator[tuple[str, str]]:
    """Each hurtful term with the respectful one; quotations and fixed names are left alone."""
    words = _FIXED_NAMES.sub(" ", folded_words(_QUOTED.sub(" ", markup.plain(text))))
    for pattern, better in _HURTFUL_RULES[language]:
        if match := pattern.search(words):
            yield match[0], better
            words = pattern.sub(" ", words)


def russian_words_in(kazakh: str) -> list[str]:
    """Russian words in a Kazakh text outside quotations, such as a sentence that was left untranslated."""
    return list(dict.fromkeys(_RUSSIAN_WORD.findall(_QUOTED.sub(" ", markup.plain(kazakh)))))


def faint_negative(stem: str, language: str) -> str | None:
    """The “not” or “except” of the question that is not in bold, where there is one."""
    letters, bold = _letters_of(stem)
    for sentence in _questions_of(letters):
        start = sentence.start()
        words = sentence[0].lower()
        if _ASKS_WHY.search(words):
            continue
        for match in _NEGATIVE[language].finditer(words):
            group = match.lastindex or 0
            if not any(bold[start + match.start(group) : start + match.end(group)]):
                return match[group]
    return None


def _letters_of(text: str) -> tuple[str, list[bool]]:
    """The words of a text, and for each of its characters whether it is in bold."""
    letters: list[str] = []
    bold: list[bool] = []
    for block in markup.to_blocks(text):
        for runs in (block[1],) if block[0] == "p" else block[1]:
            for words, marks in (*runs, ("\n", frozenset())):
                letters.append(words)
                bold.extend(["b" in marks] * len(words))
    return "".join(letters), bold


def _questions_of(text: str) -> list[re.Match[str]]:
    """The sentences that ask; without a question mark, the last one."""
    sentences = list(_SENTENCE.finditer(text))
    return [sentence for sentence in sentences if "?" in sentence[0]] or sentences[-1:]
