"""Pages as a member of staff sees them."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cbt.accounts.actor import Actor
from tests.assembly.people import People
from tests.factories import login_of, sign_in


def signed_in(app: Flask, people: People, actor: Actor, locale: str = "ru") -> FlaskClient:
    with people.db.transaction() as session:
        login = login_of(session, actor)
    client = sign_in(app.test_client(), login)
    client.get(f"/language/{locale}")
    return client


def text_of(response: TestResponse) -> str:
    return response.get_data(as_text=True)
