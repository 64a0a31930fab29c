"""The words for everything that can be wrong with questions, bank files and whole banks."""

from __future__ import annotations

from collections.abc import Callable


def sentences(_: Callable[[str], str]) -> dict[str, str]:
    """Every sentence by its code, with places for the facts, in the language of the given gettext."""
    return {
        # one question
        "kind_unknown": _("The kind “%(value)s” is unknown. Known kinds: %(known)s."),
        "level_unknown": _("The level “%(value)s” is unknown. Known levels: %(known)s."),
        "difficulty_out_of_range": _("The difficulty must be a number from %(least)s to %(most)s."),
        "basis_missing": _("Name the act and the provision that make the key right."),
        "date_missing": _("Give the date for which the provision was checked."),
        "date_too_early": _("The date is too early: no act in force is older than %(first)s."),
        "kazakh_missing": _("The Kazakh text is missing."),
        "russian_missing": _("The Russian text is missing."),
        "text_too_long": _("The text has %(length)s characters; at most %(limit)s are allowed."),
        "forbidden_character": _(
            "The text holds an invisible character (%(character)s). Type the place again by hand."
        ),
        "html_not_allowed": _("HTML and scripts are not allowed: “%(fragment)s”. Put a space after a sign “<”."),
        "mixed_alphabets": _(
            "The word “%(word)s” holds “%(letters)s” from another alphabet. Type the word again with Kazakh or Russian letters."
        ),
        "lookalike_word": _("The word “%(word)s” is in Latin letters that look like Cyrillic ones."),
        "markup_unclosed": _("Two asterisks are left over: bold text is opened but not closed."),
        "translations_equal": _("The Kazakh and the Russian text are the same. Translate it."),
        "no_kazakh_letters": _("The Kazakh text has no Kazakh letter. Check the language."),
        "kazakh_letters_in_russian": _("The Russian text has many Kazakh letters. Check the language."),
        "lengths_differ": _(
            "The lengths differ much: %(kk)s characters in Kazakh, %(ru)s in Russian. Check that both say the same."
        ),
        "too_few_options": _("A question needs at least %(least)s options; this one has %(count)s."),
        "too_many_options": _("A question has at most %(most)s options; this one has %(count)s."),
        "option_id_pattern": _("The option id “%(value)s” must be one small Latin letter, such as a."),
        "option_id_repeated": _("The option id “%(value)s” is used twice."),
        "options_repeated": _("Options %(first)s and %(second)s say the same."),
        "options_nearly_repeated": _("Options %(first)s and %(second)s say nearly the same."),
        "not_translated": _("The text is in Latin letters while the other language has its own. Translate it."),
        "russian_in_kazakh": _("The Kazakh text holds Russian words: %(words)s. Translate it, or put a name in «»."),
        "hurtful_word": _("The word “%(word)s” can hurt. Write “%(better)s”, or put a quotation in «»."),
        "negative_not_bold": _("The question turns on “%(word)s”. Ask it positively, or put this word in bold."),
        "all_of_the_above": _("Avoid “all of the above” and “no right answer”."),
        "key_missing": _("No option is marked as right."),
        "two_keys": _("A question with one right answer has %(count)s options marked as right."),
        "too_few_keys": _("A question with several right answers needs at least two options marked as right."),
        "all_options_right": _("All options are marked as right."),
        "key_is_longest": _("The right option is clearly the longest, which gives it away."),
        "code_pattern": _("The code “%(value)s” does not follow the pattern, such as NA-A1-001."),
        # one file
        "path_missing": _("There is no such file or folder."),
        "no_bank_files": _("There is no bank file in the folder."),
        "file_too_large": _("The file is larger than %(megabytes)s MB."),
        "file_not_utf8": _("The file is not text in UTF-8."),
        "file_empty": _("The file is empty."),
        "yaml_broken": _("The YAML is broken at column %(column)s: %(detail)s."),
        "yaml_alias": _("YAML anchors and aliases (& and *) are not allowed. Put texts in quotes."),
        "yaml_too_deep": _("The YAML is nested too deeply."),
        "yaml_repeated_field": _("The field “%(name)s” is given twice."),
        "field_unknown": _("The field “%(name)s” is unknown."),
        "field_unknown_like": _("The field “%(name)s” is unknown. Did you mean “%(like)s”?"),
        "field_missing": _("The field “%(name)s” is missing."),
        "mapping_expected": _("Named fields are expected here."),
        "list_expected": _("A list is expected here."),
        "text_expected": _("A text is expected here, not “%(value)s”. Put it in quotes."),
        "number_expected": _("A number is expected here, not “%(value)s”."),
        "truth_expected": _("Only true or false is expected here, not “%(value)s”."),
        "date_expected": _("A date such as 2025-01-31 is expected here, not “%(value)s”."),
        "position_unknown": _("The position “%(value)s” is not in the blueprint."),
        "area_unknown": _("The area “%(value)s” is not in the blueprint of this position."),
        "code_of_other_area": _("The code names another area than the file, %(area)s."),
        "code_repeated": _("The code is used before, in %(first)s."),
        "stem_repeated": _("The same stem is used before, in %(first)s."),
        "picture_name": _("The picture must be named by a plain file name beside the bank file, not “%(value)s”."),
        "picture_missing": _("There is no picture “%(value)s” beside the bank file."),
        "picture_not_readable": _("The picture cannot be read. Use PNG, JPEG, WebP or GIF."),
        "picture_too_large": _("The picture is too large: at most 5 MB and 20 megapixels are allowed."),
        # a library of files
        "edition_name": _("An edition needs a name of one line and at most %(most)s characters."),
        "area_short": _("Area %(area)s has %(count)s questions; a form needs %(needed)s."),
        "key_often_longest": _(
            "The right option is the longest in %(count)s of %(total)s questions (%(share)s %%); at most %(most)s %% is fair."
        ),
        "key_length_tells": _(
            "In %(share)s %% of the questions the right option has the same place by length, counted from the shortest: "
            "%(place)s. At most %(most)s %% is fair."
        ),
        "keys_uneven": _(
            "The right options lie unevenly: %(places)s (chi-square %(chi_square)s, p = %(p_value)s, below %(limit)s)."
        ),
        "levels_unbalanced": _("The level “%(level)s” has %(share)s %% of the questions; about %(wanted)s %% is wanted."),
        "many_multiple": _(
            "%(count)s of %(total)s questions have several right answers; at most one in ten is wanted."
        ),
        "stem_nearly_repeated": _("The stem is nearly that of %(first)s (%(percent)s %% alike)."),
        "option_set_repeated": _("The same set of options is used before, in %(first)s."),
        "area_shallow": _(
            "Area %(area)s has %(count)s questions; %(needed)s are wanted, %(times)s times what a form takes."
        ),
        "practice_short": _("The position has %(count)s practice questions; at least %(needed)s are wanted."),
        "word_unknown": _("The dictionary does not know the word “%(word)s”."),
        "word_like_another": _("The word “%(word)s” may lack Kazakh letters; compare “%(like)s”."),
        # a blueprint
        "area_repeated": _("The area “%(value)s” is given twice."),
        "position_repeated": _("The position “%(value)s” is given twice."),
        "whole_number_expected": _("A whole number above zero is expected here, not “%(value)s”."),
        "sum_differs": _("The areas add up to %(sum)s questions; a form has %(needed)s."),
    }
