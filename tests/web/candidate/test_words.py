"""Words that scripts put on the page."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from flask import Flask, session

from cbt.web.candidate import words
from cbt.web.player_words import kk_one_of_them
from cbt.zone import COUNTRY_ZONE


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "1-і"), (2, "2-сі"), (3, "3-і"), (6, "6-сы"), (7, "7-сі"), (9, "9-ы"), (10, "10-ы"), (17, "17-сі"), (20, "20-сы"),
        (26, "26-сы"), (30, "30-ы"), (40, "40-ы"), (49, "49-ы"), (50, "50-і"), (60, "60-ы"), (70, "70-і"), (80, "80-і"),
    ],
)  # fmt: skip
def test_a_kazakh_number_takes_the_ending_of_its_last_word(number: int, said: str) -> None:
    assert kk_one_of_them(number) == said


@pytest.mark.parametrize("locale", ["kk", "ru"])
def test_every_place_that_a_script_fills_is_in_the_words(app: Flask, locale: str) -> None:
    with app.test_request_context():
        session["locale"] = locale
        said = json.loads(words.player_words(80).as_json)
        assert len(said["positions"]) == 80
        assert said["utc_offset"] == datetime(2026, 3, 16, tzinfo=COUNTRY_ZONE).utcoffset() / timedelta(minutes=1)
        for name, place in {
            "saved_at": "{time}",
            "unsent_count": "{count}",
            "cell": "{number}",
            "answers_differ": "{slots}",
        }.items():
            assert place in said[name]
