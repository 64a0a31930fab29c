"""Secrets at rest: nothing personal can be read from the file of the database."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken

from cbt.accounts import vault as module
from cbt.accounts.actions import sign_in
from cbt.accounts.vault import Vault, hash_password, new_code, new_token, password_matches, plain_code, token_hash
from cbt.db import Database
from cbt.delivery.actions.registering import issue_codes, register_candidate
from tests.conftest import DATA_KEY
from tests.delivery.hall import make_hall, make_sitting, person
from tests.factories import NOW, PASSWORD, login_of

IIN = "850315300123"
VAULT = Vault(DATA_KEY)
OTHER = Vault("another-key-of-quite-enough-length-0123456789")


def test_a_number_is_read_back_only_with_its_key() -> None:
    cipher = VAULT.encrypt_iin(IIN)
    assert VAULT.decrypt_iin(cipher) == IIN
    assert IIN.encode() not in cipher
    with pytest.raises(InvalidToken):
        OTHER.decrypt_iin(cipher)


def test_the_same_number_is_encrypted_differently_each_time_and_found_by_one_hash() -> None:
    assert VAULT.encrypt_iin(IIN) != VAULT.encrypt_iin(IIN)
    assert VAULT.iin_hash(IIN) == VAULT.iin_hash(IIN)
    assert VAULT.iin_hash(IIN) != OTHER.iin_hash(IIN)


def test_the_hash_of_a_code_belongs_to_one_registration() -> None:
    one = VAULT.code_hash(registration_id=1, code="123456789012")
    assert one != VAULT.code_hash(registration_id=2, code="123456789012")
    assert one != OTHER.code_hash(registration_id=1, code="123456789012")


def test_each_purpose_has_its_own_key() -> None:
    assert VAULT.iin_hash("1:2") != VAULT.code_hash(registration_id=1, code="2")


def test_codes_have_twelve_digits_and_do_not_repeat() -> None:
    codes = {new_code() for _ in range(5000)}
    assert len(codes) == 5000
    assert all(re.fullmatch(r"[0-9]{12}", code) for code in codes)


def test_a_code_is_read_however_it_is_spaced() -> None:
    assert plain_code(" 1234-5678 9012 ") == "123456789012"
    assert plain_code("١٢٣") == ""


def test_tokens_are_long_and_only_their_hash_is_kept() -> None:
    token = new_token()
    assert len(token) >= 32
    assert token not in token_hash(token)


def test_a_password_is_right_only_letter_by_letter() -> None:
    kept = hash_password("Құпия сөз 2026")
    assert kept.startswith("$argon2id$")
    assert password_matches(kept, "Құпия сөз 2026")
    assert not password_matches(kept, "құпия сөз 2026")
    assert not password_matches("not a hash", "x")


def test_an_unknown_account_is_verified_as_a_known_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    class Watched:
        def verify(self, kept: str, password: str) -> bool:
            seen.append(kept)
            return hasher.verify(kept, password)

    hasher = module._PASSWORDS
    monkeypatch.setattr(module, "_PASSWORDS", Watched())
    assert not password_matches(None, "nobody has this password")
    assert not password_matches(hasher.hash("right"), "wrong")
    parameters = [kept.split("$")[1:4] for kept in seen]
    assert len(parameters) == 2
    assert parameters[0] == parameters[1]


def test_the_file_of_the_database_shows_no_number_code_or_password(sqlite_db: Database) -> None:
    secrets = [PASSWORD]
    with sqlite_db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall)
        for number in range(5):
            facts = person(number, position="att-care", territory=str(hall.rayon.id))
            registration = register_candidate(
                session, sitting=sitting, iin=facts.iin, name=facts.name, position=facts.position, stage=facts.stage,
                workplace=facts.workplace, territory_id=hall.rayon.id, actor=hall.secretary, vault=VAULT, now=NOW,
            )  # fmt: skip
            issued = issue_codes(session, registrations=[registration], vault=VAULT, actor=hall.secretary, now=NOW)
            secrets += [facts.iin, issued[0][1]]
        entered = sign_in(session, login=login_of(session, hall.secretary), password=PASSWORD, now=NOW)
        assert isinstance(entered, str)
        secrets.append(entered)
    sqlite_db.dispose()
    path = Path(sqlite_db.engine.url.database or "")
    kept = b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))
    assert "Үміткер № 3".encode() in kept
    assert len(secrets) == 12
    assert [secret for secret in secrets if secret.encode() in kept] == []
