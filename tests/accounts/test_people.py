"""Accounts and roles: who may give what to whom, and that every change is in the record."""

from __future__ import annotations

import random
import threading

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from cbt.accounts import actions, queries, scope
from cbt.accounts.actor import Actor
from cbt.accounts.models import Account, Body, Membership, SignInFailure, WebSession
from cbt.accounts.permissions import GRANTS, ROLES, ROLES_OF_BODY, permissions_of
from cbt.audit.models import AuditEntry
from cbt.db import Database
from cbt.errors import Refusal
from tests.factories import NOW, PASSWORD, login_of, make_body, make_staff

CHEAP = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaA"


def code_of(deed, *arguments: object, **facts: object) -> str:
    with pytest.raises(Refusal) as found:
        deed(*arguments, **facts)
    return found.value.code


def account_of(session: Session, actor: Actor) -> Account:
    return session.get_one(Account, actor.account_id)


class World:
    """Two oblasts with a rayon each, under the ministry; an administrator and an author in each."""

    def __init__(self, session: Session) -> None:
        self.ministry = make_body(session, "ministry")
        self.oblast, self.other = make_body(session), make_body(session)
        self.rayon = make_body(session, "rayon", parent=self.oblast)
        self.foreign_rayon = make_body(session, "rayon", parent=self.other)
        self.head = make_staff(session, self.ministry, "ministry_admin")
        self.admin = make_staff(session, self.oblast, "body_admin")
        self.other_admin = make_staff(session, self.other, "body_admin")
        self.rayon_admin = make_staff(session, self.rayon, "body_admin")
        self.author = make_staff(session, self.oblast, "author")
        self.auditor = make_staff(session, self.oblast, "auditor")


@pytest.mark.parametrize(
    ("who", "reach"),
    [
        ("head", {"ministry", "oblast", "other"}),
        ("admin", {"oblast", "rayon"}),
        ("other_admin", {"other", "foreign_rayon"}),
        ("rayon_admin", {"rayon"}),
        ("author", set()),
        ("auditor", set()),
    ],
)
def test_an_administrator_reaches_their_body_and_those_under_it(sqlite_db: Database, who: str, reach: set[str]) -> None:
    with sqlite_db.transaction() as session:
        world = World(session)
        actor = getattr(world, who)
        bodies = {name: getattr(world, name) for name in ("ministry", "oblast", "other", "rayon", "foreign_rayon")}
        managed = scope.managed_bodies(session, actor)
        assert {name for name, body in bodies.items() if body in managed} == reach
        for name, body in bodies.items():
            if name not in reach:
                assert code_of(scope.managed_body, session, body.id, actor=actor) == "unknown"


def test_every_role_has_its_permissions_and_its_kinds_of_body() -> None:
    assert set(GRANTS) == set(ROLES)
    assert {role for roles in ROLES_OF_BODY.values() for role in roles} == set(ROLES)
    assert permissions_of(frozenset()) == frozenset()


def test_nobody_who_makes_or_holds_a_test_manages_accounts() -> None:
    for role in set(ROLES) - {"body_admin", "ministry_admin"}:
        assert not {one for one in GRANTS[role] if one.startswith("accounts:")}


@pytest.mark.parametrize("kind", ["ministry", "oblast", "rayon"])
def test_a_body_takes_only_roles_of_its_kind(sqlite_db: Database, kind: str) -> None:
    with sqlite_db.transaction() as session:
        body = make_body(session, kind)
        person = make_staff(session, body)
        for role in ROLES:
            facts = {"account_id": person.account_id, "body": body, "role": role, "actor_id": None, "now": NOW}
            if role in ROLES_OF_BODY[kind]:
                assert actions.grant_role(session, **facts).role == role
            else:
                assert code_of(actions.grant_role, session, **facts) == "role_not_of_body"


@pytest.mark.parametrize(
    ("who", "where", "role", "code"),
    [
        ("admin", "oblast", "author", None),
        ("admin", "oblast", "body_admin", None),
        ("admin", "rayon", "secretary", None),
        ("admin", "rayon", "author", "role_not_of_body"),
        ("admin", "other", "author", "unknown"),
        ("admin", "foreign_rayon", "secretary", "unknown"),
        ("admin", "ministry", "ministry_admin", "unknown"),
        ("rayon_admin", "rayon", "chair", None),
        ("rayon_admin", "oblast", "author", "unknown"),
        ("head", "oblast", "body_admin", None),
        ("head", "oblast", "author", "role_not_of_body"),
        ("head", "ministry", "auditor", None),
        ("head", "rayon", "body_admin", "unknown"),
        ("author", "oblast", "author", "unknown"),
        ("auditor", "oblast", "auditor", "unknown"),
    ],
)
def test_a_role_is_given_only_within_reach(
    sqlite_db: Database, who: str, where: str, role: str, code: str | None
) -> None:
    with sqlite_db.transaction() as session:
        world = World(session)
        newcomer = account_of(session, make_staff(session, world.oblast))
        facts = {
            "account": newcomer,
            "body": getattr(world, where),
            "role": role,
            "actor": getattr(world, who),
            "now": NOW,
        }
        if code:
            assert code_of(actions.give_role, session, **facts) == code
        else:
            assert actions.give_role(session, **facts).granted_by == getattr(world, who).account_id


def test_nobody_gives_a_role_to_themselves(db: Database) -> None:
    with db.transaction() as session:
        world = World(session)
        me = account_of(session, world.admin)
        assert code_of(
            actions.give_role, session, account=me, body=world.oblast, role="reviewer", actor=world.admin, now=NOW
        ) == "cannot_give_to_self"  # fmt: skip


def test_giving_a_role_twice_is_one_row(db: Database) -> None:
    with db.transaction() as session:
        world = World(session)
        person = account_of(session, world.author)
        for _ in range(2):
            actions.give_role(session, account=person, body=world.oblast, role="reviewer", actor=world.admin, now=NOW)
        rows = session.scalars(select(Membership).where(Membership.role == "reviewer")).all()
        assert len(rows) == 1


def test_two_who_give_the_same_role_at_once_make_one_row(db: Database) -> None:
    with db.transaction() as session:
        body = make_body(session)
        person = make_staff(session, body)
    gate, answers = threading.Barrier(8), []

    def work() -> None:
        gate.wait(timeout=20)
        try:
            with db.transaction() as session:
                here = session.get_one(Body, body.id)
                actions.grant_role(
                    session, account_id=person.account_id, body=here, role="author", actor_id=None, now=NOW
                )
            answers.append("given")
        except Refusal as refusal:
            answers.append(refusal.code)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(answers) == 8
    assert set(answers) <= {"given", "move_not_allowed"}
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Membership)) == 1


def test_a_role_taken_back_can_be_given_again_and_both_stay_in_the_record(db: Database) -> None:
    with db.transaction() as session:
        world = World(session)
        person = account_of(session, world.author)
        facts = {"body_id": world.oblast.id, "role": "author", "actor": world.admin, "now": NOW}
        actions.end_role(session, account_id=person.id, **facts)
        assert code_of(actions.end_role, session, account_id=person.id, **facts) == "role_not_held"
        actions.give_role(session, account=person, body=world.oblast, role="author", actor=world.admin, now=NOW)
        rows = session.scalars(select(Membership).where(Membership.account_id == person.id)).all()
        assert [row.ended_at is None for row in sorted(rows, key=lambda row: row.id)] == [False, True]
        tags = session.scalars(
            select(AuditEntry.tag).where(AuditEntry.subject == world.author.label).order_by(AuditEntry.id)
        ).all()
        assert tags == ["account.created", "member.granted", "member.ended", "member.granted"]


@pytest.mark.parametrize(
    ("who", "where", "whom", "role", "code"),
    [
        ("admin", "oblast", "admin", "body_admin", "cannot_end_own_role"),
        ("admin", "rayon", "rayon_admin", "body_admin", None),
        ("admin", "other", "other_admin", "body_admin", "unknown"),
        ("rayon_admin", "oblast", "admin", "body_admin", "unknown"),
        ("head", "oblast", "admin", "body_admin", None),
        ("head", "oblast", "author", "author", "unknown"),
        ("head", "ministry", "head", "ministry_admin", "cannot_end_own_role"),
    ],
)
def test_a_role_is_taken_back_only_within_reach(
    sqlite_db: Database, who: str, where: str, whom: str, role: str, code: str | None
) -> None:
    with sqlite_db.transaction() as session:
        world = World(session)
        facts = {
            "account_id": getattr(world, whom).account_id, "body_id": getattr(world, where).id, "role": role,
            "actor": getattr(world, who), "now": NOW,
        }  # fmt: skip
        if code:
            assert code_of(actions.end_role, session, **facts) == code
        else:
            actions.end_role(session, **facts)
            assert role not in [
                one for _body, roles in queries.bodies_of(session, facts["account_id"]) for one in roles
            ]


DEEDS = {
    "close": lambda session, account, actor: actions.disable_account(session, account=account, actor=actor, now=NOW),
    "open": lambda session, account, actor: actions.enable_account(session, account=account, actor=actor, now=NOW),
    "password": lambda session, account, actor: actions.reset_password(
        session, account=account, password="quite another words", actor=actor, now=NOW
    ),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_an_account_is_touched_only_by_who_manages_all_its_bodies(sqlite_db: Database, deed: str) -> None:
    """Otherwise: give a ministry's administrator a small role here, set their password, and walk in there."""
    with sqlite_db.transaction() as session:
        world = World(session)
        for whom in (world.head, world.other_admin, world.rayon_admin):
            account = account_of(session, whom)
            actions.give_role(
                session, account=account, body=world.oblast, role="invigilator", actor=world.admin, now=NOW
            )
        act = DEEDS[deed]
        assert code_of(act, session, account_of(session, world.head), world.admin) == "account_of_another_body"
        assert code_of(act, session, account_of(session, world.other_admin), world.admin) == "account_of_another_body"
        assert code_of(act, session, account_of(session, world.admin), world.admin) == "not_own_account"
        assert code_of(act, session, account_of(session, world.author), world.other_admin) == "unknown"
        assert code_of(act, session, account_of(session, world.admin), world.author) == "unknown"
        act(session, account_of(session, world.rayon_admin), world.admin)
        act(session, account_of(session, world.author), world.admin)


def test_a_person_is_seen_only_in_a_body_where_they_hold_or_held_a_role(sqlite_db: Database) -> None:
    with sqlite_db.transaction() as session:
        world = World(session)
        facts = {"account_id": world.author.account_id, "body_id": world.oblast.id, "role": "author", "now": NOW}
        actions.end_role(session, actor=world.admin, **facts)
        people = {one.account.id: one for one in scope.people_of(session, world.oblast, actor=world.admin)}
        assert people[world.author.account_id].roles == ()
        assert people[world.admin.account_id].roles == ("body_admin",)
        assert world.other_admin.account_id not in people
        seen_by_ministry = {one.account.id for one in scope.people_of(session, world.oblast, actor=world.head)}
        assert seen_by_ministry == {world.admin.account_id}
        assert (
            code_of(scope.person_of, session, world.other_admin.account_id, body=world.oblast, actor=world.admin)
            == "unknown"
        )


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"login": "ab"}, "login_wrong", "login"),
        ({"login": "сауле"}, "login_wrong", "login"),
        ({"login": "a b c"}, "login_wrong", "login"),
        ({"login": "a\x00bc"}, "login_wrong", "login"),
        ({"login": "x" * 65}, "login_wrong", "login"),
        ({"login": " AUTHOR "}, "login_taken", "login"),
        ({"name": ""}, "text_missing", "name"),
        ({"name": "Сәуле\r\nАхметова"}, "forbidden_character", "name"),
        ({"name": "Сәуле\x00"}, "forbidden_character", "name"),
        ({"name": "ә" * 201}, "text_long", "name"),
        ({"password": "short"}, "password_short", "password"),
        ({"password": "abcabcabcabc"}, "password_weak", "password"),
        ({"password": "newcomer-1", "login": "newcomer-1"}, "password_weak", "password"),
        ({"password": "aB3" * 100}, "password_long", "password"),
        ({"roles": ()}, "role_missing", "roles"),
        ({"roles": ("ministry_admin",)}, "role_not_of_body", "role"),
    ],
)
def test_a_wrong_new_account_is_refused_at_its_field_and_nothing_is_kept(
    sqlite_db: Database, changes: dict[str, object], code: str, field: str
) -> None:
    with sqlite_db.transaction() as session:
        body = make_body(session)
        admin = make_staff(session, body, "body_admin")
        make_staff(session, body, "author", login="author")
    facts = {"login": "newcomer", "name": "Сәуле Ахметова", "password": PASSWORD, "roles": ("author",)} | changes
    with pytest.raises(Refusal) as found, sqlite_db.transaction() as session:
        actions.add_member(session, body=session.get_one(Body, body.id), actor=admin, now=NOW, **facts)  # type: ignore[arg-type]
    assert (found.value.code, found.value.field) == (code, field)
    with sqlite_db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 2


def test_a_new_person_is_in_the_record_of_the_body_without_the_password(db: Database) -> None:
    with db.transaction() as session:
        body = make_body(session)
        admin = make_staff(session, body, "body_admin")
        account = actions.add_member(
            session, body=body, login=" Newcomer ", name="Сәуле   Ахметова ", password=PASSWORD,
            roles=("author", "member"), actor=admin, now=NOW,
        )  # fmt: skip
        assert (account.login, account.name) == ("newcomer", "Сәуле Ахметова")
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.subject == f"account:{account.id}").order_by(AuditEntry.id)
        ).all()
        assert [row.tag for row in entries] == ["account.created", "member.granted", "member.granted"]
        assert {(row.actor, row.body_id) for row in entries} == {(admin.label, body.id)}
        assert all(PASSWORD not in row.facts for row in entries)


# L05: no change without an entry.

# What is no deed by itself: counted tries, and sessions, whose opening and ending has an entry of its own.
_QUIET = (SignInFailure, WebSession, AuditEntry)


def test_no_change_is_without_an_entry_in_thousands_of_random_deeds(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cbt.accounts.vault.hash_password", lambda password: CHEAP)
    rng = random.Random(11)
    silent: list[str] = []
    done = refused = 0
    with sqlite_db.transaction() as session:
        world = World(session)
        bodies = [world.ministry, world.oblast, world.other, world.rayon, world.foreign_rayon]
        actors = [world.head, world.admin, world.other_admin, world.rayon_admin]
        people = [account_of(session, actor) for actor in (*actors, world.author, world.auditor)]
        session.flush()
        changed: list[str] = []

        @event.listens_for(session, "before_flush")
        def _watch(session: Session, context: object, instances: object) -> None:
            rows = [*session.new, *session.deleted, *(row for row in session.dirty if session.is_modified(row))]
            changed.extend(type(row).__name__ for row in rows if not isinstance(row, _QUIET))

        for turn in range(3_000):
            actor, person = rng.choice(actors), rng.choice(people)
            own = next(one for one in bodies if one.id == actor.body_id)
            body = rng.choice([own, own, *bodies])
            role = rng.choice(ROLES_OF_BODY[body.kind])
            before = session.scalar(select(func.max(AuditEntry.id)))
            changed.clear()
            name = rng.choice(["give", "end", "close", "open", "password", "account", "body"])
            try:
                with session.begin_nested():
                    if name == "give":
                        actions.give_role(session, account=person, body=body, role=role, actor=actor, now=NOW)
                    elif name == "end":
                        actions.end_role(
                            session, account_id=person.id, body_id=body.id, role=role, actor=actor, now=NOW
                        )
                    elif name in DEEDS:
                        DEEDS[name](session, person, actor)
                    elif name == "account" and turn % 10 == 0:
                        names = {"login": f"new{turn}", "name": "Адам", "password": PASSWORD, "roles": (role,)}
                        people.append(actions.add_member(session, body=body, actor=actor, now=NOW, **names))
                    elif name == "body" and turn % 10 == 0:
                        names = {"name_kk": "Бөлім", "name_ru": "Отдел", "name_en": "Unit"}
                        kato = f"{body.kato[:2]}9{turn:06d}"
                        actions.add_body(session, parent=body, kato=kato, actor=actor, now=NOW, **names)
                    session.flush()
            except Refusal:
                refused += 1
                continue
            if changed:
                done += 1
                if session.scalar(select(func.max(AuditEntry.id))) == before:
                    silent.append(name)
    assert silent == []
    assert done > 200
    assert refused > 200


def test_the_names_of_accounts_and_logins_are_found(db: Database) -> None:
    with db.transaction() as session:
        body = make_body(session)
        person = make_staff(session, body, "author", "member", name="Әлия")
        assert queries.names_of(session, {person.account_id}) == {person.account_id: "Әлия"}
        assert login_of(session, person).startswith("author")
        assert queries.bodies_of(session, person.account_id) == [(body, ["author", "member"])]
        assert [account.name for account in queries.accounts_of(session, body.id)] == ["Әлия"]
        assert queries.count_members(session, [body.id]) == {body.id: 1}
