"""What a body took over from the reference library

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("adoption", "adopted_version")
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "adoption",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("body_id", BIG_KEY, nullable=False),
        sa.Column("position", sa.String(length=40), nullable=False),
        sa.Column("edition", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("areas", sa.Text(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("adopted_by", BIG_KEY, nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["adopted_by"], ["account.id"], name=op.f("fk_adoption_adopted_by")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_adoption_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adoption")),
    )
    op.create_index(op.f("ix_adoption_body_id"), "adoption", ["body_id"])
    op.create_table(
        "adopted_version",
        sa.Column("version_id", BIG_KEY, autoincrement=False, nullable=False),
        sa.Column("adoption_id", BIG_KEY, nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["adoption_id"], ["adoption.id"], name=op.f("fk_adopted_version_adoption_id")),
        sa.ForeignKeyConstraint(["version_id"], ["item_version.id"], name=op.f("fk_adopted_version_version_id")),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_adopted_version")),
    )
    op.create_index(op.f("ix_adopted_version_adoption_id"), "adopted_version", ["adoption_id"])
    postgres = op.get_bind().dialect.name == "postgresql"
    for table in TABLES:
        for event in ("UPDATE", "DELETE"):
            refuse = f"BEGIN SELECT RAISE(ABORT, 'cbt: {table} may not change'); END"
            deed = "EXECUTE FUNCTION cbt_refuse()" if postgres else refuse
            op.execute(f"CREATE TRIGGER keep_{table}_{event.lower()} BEFORE {event} ON {table} FOR EACH ROW {deed}")
        if postgres:
            op.execute(
                f"CREATE TRIGGER keep_{table}_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION cbt_refuse()"
            )


def downgrade() -> None:
    for table in reversed(TABLES):  # its triggers go with it
        op.drop_table(table)
