"""What may never change is refused by the database itself

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("answer_event", "late_answer", "audit_batch", "result", "mark", "item_review", "item_edit", "incident", "form_content")


def _changed(*columns: str) -> str:
    return " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)


# Table -> the updates that are refused. An approved text, a handed-out form, a started attempt stay what they were.
FROZEN = {
    "audit_entry": (
        "OLD.batch IS NOT NULL OR NEW.batch IS NULL OR "
        + _changed("id", "at", "tag", "actor", "body_id", "subject", "facts")
    ),
    "item_version": (
        "OLD.state IN ('approved', 'retired') AND ("
        + _changed(
            "item_id", "number", "kind", "level", "content", "content_hash", "author_id", "editor_id",
            "submitted_at", "approved_by", "approved_at",
        )
        + " OR NEW.state NOT IN (OLD.state, 'retired') OR OLD.state = 'retired')"
    ),
    "blueprint": (
        "OLD.state <> 'drafted' AND ("
        + _changed("body_id", "position", "number", "areas", "author_id", "approved_by", "approved_at")
        + " OR NEW.state NOT IN (OLD.state, 'withdrawn') OR OLD.state = 'withdrawn')"
    ),
    "form": (
        _changed(
            "body_id", "position", "blueprint_id", "number", "seed", "draw_ordinal", "items_hash", "drawn_by", "drawn_at"
        )
        + " OR (OLD.state <> 'drafted' AND ("
        + _changed("approved_by", "approved_at")
        + " OR NEW.state IN ('drafted', 'approved') AND NEW.state <> OLD.state OR OLD.state = 'withdrawn'))"
    ),
    "form_item": "1 = 1",
    "attempt": (
        _changed(
            "id", "registration_id", "form_id", "form_hash", "permutation", "shape", "minutes", "both_languages",
            "number_of_items", "issued_at",
        )
        + " OR (OLD.started_at IS NOT NULL AND (" + _changed("started_at", "language") + "))"
        + " OR (OLD.finished_at IS NOT NULL AND ("
        + _changed("started_at", "deadline", "finished_at", "closed_at", "events_digest")
        + " OR NEW.state NOT IN (OLD.state, 'annulled')))"
    ),
}  # fmt: skip
NEVER_DELETED = (*APPEND_ONLY, "audit_entry", "form", "form_item", "attempt")
DELETED_ONLY_AS_DRAFT = {"item_version": "OLD.state NOT IN ('draft', 'returned')", "blueprint": "OLD.state <> 'drafted'"}


def _refusals() -> list[tuple[str, str, str, str]]:
    """Trigger name, table, event, condition."""
    rows = [(f"keep_{table}_update", table, "UPDATE", "1 = 1") for table in APPEND_ONLY]
    rows += [(f"keep_{table}_update", table, "UPDATE", condition) for table, condition in FROZEN.items()]
    rows += [(f"keep_{table}_delete", table, "DELETE", "1 = 1") for table in NEVER_DELETED]
    rows += [(f"keep_{table}_delete", table, "DELETE", condition) for table, condition in DELETED_ONLY_AS_DRAFT.items()]
    return rows


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _upgrade_postgres()
    else:
        _upgrade_sqlite()


def _upgrade_postgres() -> None:
    op.execute(
        "CREATE FUNCTION cbt_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'cbt: % may not change', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    for name, table, event, condition in _refusals():
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
            f"WHEN ({condition}) EXECUTE FUNCTION cbt_refuse()"
        )
    for table in NEVER_DELETED:
        op.execute(
            f"CREATE TRIGGER keep_{table}_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION cbt_refuse()"
        )
    op.execute(
        "CREATE FUNCTION cbt_form_is_drafted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF (SELECT state FROM form WHERE id = NEW.form_id) <> 'drafted' THEN "
        "RAISE EXCEPTION 'cbt: the form is frozen' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER keep_form_item_insert BEFORE INSERT ON form_item "
        "FOR EACH ROW EXECUTE FUNCTION cbt_form_is_drafted()"
    )


def _upgrade_sqlite() -> None:
    for name, table, event, condition in _refusals():
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
            f"WHEN {condition.replace('IS DISTINCT FROM', 'IS NOT')} "
            f"BEGIN SELECT RAISE(ABORT, 'cbt: {table} may not change'); END"
        )
    op.execute(
        "CREATE TRIGGER keep_form_item_insert BEFORE INSERT ON form_item FOR EACH ROW "
        "WHEN (SELECT state FROM form WHERE id = NEW.form_id) <> 'drafted' "
        "BEGIN SELECT RAISE(ABORT, 'cbt: the form is frozen'); END"
    )


def downgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    names = [(name, table) for name, table, _event, _condition in _refusals()] + [("keep_form_item_insert", "form_item")]
    if postgres:
        names += [(f"keep_{table}_truncate", table) for table in NEVER_DELETED]
    for name, table in names:
        op.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if postgres else ""))
    if postgres:
        op.execute("DROP FUNCTION cbt_form_is_drafted()")
        op.execute("DROP FUNCTION cbt_refuse()")
