"""Words of the player that the exam and the practice test share."""

from __future__ import annotations

from flask_babel import gettext as _

from cbt.web.pages import current_locale

# Possessive endings of Kazakh numerals, "the 17th of them", by the last digit that is not zero and by the round tens.
_KK_UNITS = {1: "-і", 2: "-сі", 3: "-і", 4: "-і", 5: "-і", 6: "-сы", 7: "-сі", 8: "-і", 9: "-ы"}
_KK_TENS = {1: "-ы", 2: "-сы", 3: "-ы", 4: "-ы", 5: "-і", 6: "-ы", 7: "-і", 8: "-і", 9: "-ы"}


def kk_one_of_them(number: int) -> str:
    """A number from 1 to 99 with the ending it takes in «80 сұрақтың 17-сі»."""
    tens, units = divmod(number, 10)
    return f"{number}{_KK_UNITS[units] if units else _KK_TENS[tens]}"


def positions(total: int) -> list[str]:
    """One sentence for every question, such as "Question 17 of 80": Kazakh endings depend on the number."""
    number_words = kk_one_of_them if current_locale() == "kk" else str
    words = _("Question %(number)s of %(total)s", number="{number}", total=total)
    return [words.replace("{number}", number_words(number)) for number in range(1, total + 1)]
