"""The first tables

Revision ID: 0001
Revises: 
"""

import sqlalchemy as sa
from alembic import op


revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('account',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('login', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('login', name=op.f('uq_account_login'))
    )
    op.create_table('audit_batch',
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.Column('leaves', sa.Text(), nullable=False),
    sa.Column('root', sa.String(length=64), nullable=False),
    sa.Column('previous_head', sa.String(length=64), nullable=False),
    sa.Column('head', sa.String(length=64), nullable=False),
    sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_audit_batch')),
    sa.UniqueConstraint('head', name=op.f('uq_audit_batch_head'))
    )
    op.create_table('body',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('parent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('kato', sa.String(length=9), nullable=False),
    sa.Column('name_kk', sa.String(length=200), nullable=False),
    sa.Column('name_ru', sa.String(length=200), nullable=False),
    sa.Column('name_en', sa.String(length=200), nullable=False),
    sa.CheckConstraint("(kind = 'ministry') = (parent_id IS NULL)", name=op.f('ck_body_parent_given')),
    sa.CheckConstraint("kind IN ('ministry', 'oblast', 'rayon')", name=op.f('ck_body_kind_known')),
    sa.ForeignKeyConstraint(['parent_id'], ['body.id'], name=op.f('fk_body_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_body')),
    sa.UniqueConstraint('kato', name=op.f('uq_body_kato'))
    )
    with op.batch_alter_table('body', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_body_parent_id'), ['parent_id'], unique=False)

    op.create_table('candidate',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('iin_hash', sa.String(length=64), nullable=False),
    sa.Column('iin_cipher', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_candidate')),
    sa.UniqueConstraint('iin_hash', name=op.f('uq_candidate_iin_hash'))
    )
    op.create_table('sign_in_failure',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('subject_hash', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_failure'))
    )
    with op.batch_alter_table('sign_in_failure', schema=None) as batch_op:
        batch_op.create_index('ix_sign_in_failure_subject_at', ['subject_hash', 'at'], unique=False)

    op.create_table('audit_entry',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tag', sa.String(length=64), nullable=False),
    sa.Column('actor', sa.String(length=64), nullable=False),
    sa.Column('body_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('subject', sa.String(length=64), nullable=False),
    sa.Column('facts', sa.Text(), nullable=False),
    sa.Column('batch', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['batch'], ['audit_batch.number'], name=op.f('fk_audit_entry_batch')),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_audit_entry_body_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry'))
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index('ix_audit_entry_batch', ['batch', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entry_body_id'), ['body_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entry_subject'), ['subject'], unique=False)
        batch_op.create_index('ix_audit_entry_unsealed', ['id'], unique=False, sqlite_where=sa.text('batch IS NULL'), postgresql_where=sa.text('batch IS NULL'))

    op.create_table('blueprint',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('body_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('areas', sa.Text(), nullable=False),
    sa.Column('author_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('approved_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f('ck_blueprint_withdrawn_with_moment')),
    sa.CheckConstraint("state <> 'approved' OR approved_at IS NOT NULL", name=op.f('ck_blueprint_approved_with_moment')),
    sa.CheckConstraint("state <> 'drafted' OR approved_at IS NULL", name=op.f('ck_blueprint_draft_without_moment')),
    sa.CheckConstraint("state IN ('approved', 'drafted', 'withdrawn')", name=op.f('ck_blueprint_state_known')),
    sa.CheckConstraint('(approved_at IS NULL) = (approved_by IS NULL)', name=op.f('ck_blueprint_approved_by_somebody')),
    sa.CheckConstraint('approved_by <> author_id', name=op.f('ck_blueprint_four_eyes')),
    sa.ForeignKeyConstraint(['approved_by'], ['account.id'], name=op.f('fk_blueprint_approved_by')),
    sa.ForeignKeyConstraint(['author_id'], ['account.id'], name=op.f('fk_blueprint_author_id')),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_blueprint_body_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_blueprint')),
    sa.UniqueConstraint('body_id', 'position', 'number', name=op.f('uq_blueprint_body_id_position_number'))
    )
    op.create_table('item',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('body_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.String(length=40), nullable=False),
    sa.Column('area', sa.String(length=8), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('practice', sa.Boolean(), nullable=False),
    sa.Column('client_key', sa.String(length=40), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_item_body_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_item')),
    sa.UniqueConstraint('body_id', 'client_key', name=op.f('uq_item_body_id_client_key')),
    sa.UniqueConstraint('body_id', 'position', 'code', name=op.f('uq_item_body_id_position_code'))
    )
    with op.batch_alter_table('item', schema=None) as batch_op:
        batch_op.create_index('ix_item_bank', ['body_id', 'position', 'area'], unique=False)

    op.create_table('membership',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('body_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('role', sa.String(length=32), nullable=False),
    sa.Column('granted_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("role IN ('auditor', 'author', 'body_admin', 'chair', 'invigilator', 'member', 'ministry_admin', 'reviewer', 'secretary')", name=op.f('ck_membership_role_known')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_membership_account_id')),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_membership_body_id')),
    sa.ForeignKeyConstraint(['ended_by'], ['account.id'], name=op.f('fk_membership_ended_by')),
    sa.ForeignKeyConstraint(['granted_by'], ['account.id'], name=op.f('fk_membership_granted_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_membership'))
    )
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_membership_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_membership_body_id'), ['body_id'], unique=False)
        batch_op.create_index('uq_membership_live', ['account_id', 'body_id', 'role'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('picture',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('body_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('png', sa.LargeBinary(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('added_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['added_by'], ['account.id'], name=op.f('fk_picture_added_by')),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_picture_body_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_picture')),
    sa.UniqueConstraint('body_id', 'sha256', name=op.f('uq_picture_body_id_sha256'))
    )
    op.create_table('sitting',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('body_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('place_kk', sa.String(length=200), nullable=False),
    sa.Column('place_ru', sa.String(length=200), nullable=False),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('minutes', sa.SmallInteger(), nullable=False),
    sa.Column('both_languages', sa.Boolean(), nullable=False),
    sa.Column('edition', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('supervisor', sa.String(length=200), nullable=False),
    sa.CheckConstraint("state IN ('cancelled', 'closed', 'open', 'planned')", name=op.f('ck_sitting_state_known')),
    sa.CheckConstraint('minutes BETWEEN 1 AND 60', name=op.f('ck_sitting_minutes_allowed')),
    sa.CheckConstraint('opens_at < closes_at', name=op.f('ck_sitting_window_forward')),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_sitting_body_id')),
    sa.ForeignKeyConstraint(['created_by'], ['account.id'], name=op.f('fk_sitting_created_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sitting'))
    )
    with op.batch_alter_table('sitting', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sitting_body_id'), ['body_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_sitting_opens_at'), ['opens_at'], unique=False)

    op.create_table('form',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('body_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.String(length=40), nullable=False),
    sa.Column('blueprint_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('seed', sa.String(length=64), nullable=False),
    sa.Column('draw_ordinal', sa.SmallInteger(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('items_hash', sa.String(length=64), nullable=False),
    sa.Column('drawn_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('approved_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawal_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f('ck_form_withdrawn_with_moment')),
    sa.CheckConstraint("state <> 'drafted' OR approved_at IS NULL", name=op.f('ck_form_draft_without_moment')),
    sa.CheckConstraint("state IN ('approved', 'drafted', 'in_use', 'withdrawn')", name=op.f('ck_form_state_known')),
    sa.CheckConstraint("state NOT IN ('approved', 'in_use') OR approved_at IS NOT NULL", name=op.f('ck_form_approved_with_moment')),
    sa.CheckConstraint("withdrawn_at IS NULL OR coalesce(withdrawal_reason, '') <> ''", name=op.f('ck_form_withdrawn_with_reason')),
    sa.CheckConstraint('(approved_at IS NULL) = (approved_by IS NULL)', name=op.f('ck_form_approved_by_somebody')),
    sa.CheckConstraint('(withdrawn_at IS NULL) = (withdrawn_by IS NULL)', name=op.f('ck_form_withdrawn_by_somebody')),
    sa.CheckConstraint('approved_by <> drawn_by', name=op.f('ck_form_four_eyes')),
    sa.CheckConstraint('draw_ordinal >= 1', name=op.f('ck_form_draw_ordinal_from_one')),
    sa.ForeignKeyConstraint(['approved_by'], ['account.id'], name=op.f('fk_form_approved_by')),
    sa.ForeignKeyConstraint(['blueprint_id'], ['blueprint.id'], name=op.f('fk_form_blueprint_id')),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_form_body_id')),
    sa.ForeignKeyConstraint(['drawn_by'], ['account.id'], name=op.f('fk_form_drawn_by')),
    sa.ForeignKeyConstraint(['withdrawn_by'], ['account.id'], name=op.f('fk_form_withdrawn_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_form')),
    sa.UniqueConstraint('body_id', 'position', 'number', name=op.f('uq_form_body_id_position_number'))
    )
    with op.batch_alter_table('form', schema=None) as batch_op:
        batch_op.create_index('ix_form_bank', ['body_id', 'position', 'state'], unique=False)

    op.create_table('item_version',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('level', sa.String(length=16), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('search_text', sa.Text(), nullable=False),
    sa.Column('author_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('editor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('edited_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('approved_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'retired') = (retired_at IS NOT NULL)", name=op.f('ck_item_version_retired_with_moment')),
    sa.CheckConstraint("(state IN ('approved', 'retired')) = (approved_at IS NOT NULL)", name=op.f('ck_item_version_approved_with_moment')),
    sa.CheckConstraint("state IN ('approved', 'draft', 'retired', 'returned', 'submitted')", name=op.f('ck_item_version_state_known')),
    sa.CheckConstraint("state IN ('draft', 'returned') OR submitted_at IS NOT NULL", name=op.f('ck_item_version_submitted_with_moment')),
    sa.CheckConstraint('(approved_at IS NULL) = (approved_by IS NULL)', name=op.f('ck_item_version_approved_by_somebody')),
    sa.CheckConstraint('approved_by <> author_id AND approved_by <> editor_id', name=op.f('ck_item_version_four_eyes')),
    sa.ForeignKeyConstraint(['approved_by'], ['account.id'], name=op.f('fk_item_version_approved_by')),
    sa.ForeignKeyConstraint(['author_id'], ['account.id'], name=op.f('fk_item_version_author_id')),
    sa.ForeignKeyConstraint(['editor_id'], ['account.id'], name=op.f('fk_item_version_editor_id')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_item_version_item_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_item_version')),
    sa.UniqueConstraint('item_id', 'number', name=op.f('uq_item_version_item_id_number'))
    )
    with op.batch_alter_table('item_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_item_version_content_hash'), ['content_hash'], unique=False)
        batch_op.create_index(batch_op.f('ix_item_version_item_id'), ['item_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_item_version_state'), ['state'], unique=False)
        batch_op.create_index('uq_item_version_approved', ['item_id'], unique=True, sqlite_where=sa.text("state = 'approved'"), postgresql_where=sa.text("state = 'approved'"))
        batch_op.create_index('uq_item_version_open', ['item_id'], unique=True, sqlite_where=sa.text("state IN ('draft', 'submitted', 'returned')"), postgresql_where=sa.text("state IN ('draft', 'submitted', 'returned')"))

    op.create_table('registration',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('sitting_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('candidate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ordinal', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('position', sa.String(length=40), nullable=False),
    sa.Column('stage', sa.String(length=16), nullable=False),
    sa.Column('workplace', sa.String(length=16), nullable=False),
    sa.Column('territory_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('commission_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=True),
    sa.Column('code_issued_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('registered_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('registered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("stage IN ('initial', 'repeat')", name=op.f('ck_registration_stage_known')),
    sa.CheckConstraint("workplace IN ('medico_social', 'other')", name=op.f('ck_registration_workplace_known')),
    sa.ForeignKeyConstraint(['candidate_id'], ['candidate.id'], name=op.f('fk_registration_candidate_id')),
    sa.ForeignKeyConstraint(['commission_id'], ['body.id'], name=op.f('fk_registration_commission_id')),
    sa.ForeignKeyConstraint(['registered_by'], ['account.id'], name=op.f('fk_registration_registered_by')),
    sa.ForeignKeyConstraint(['sitting_id'], ['sitting.id'], name=op.f('fk_registration_sitting_id')),
    sa.ForeignKeyConstraint(['territory_id'], ['body.id'], name=op.f('fk_registration_territory_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_registration')),
    sa.UniqueConstraint('sitting_id', 'candidate_id', name=op.f('uq_registration_sitting_id_candidate_id')),
    sa.UniqueConstraint('sitting_id', 'ordinal', name=op.f('uq_registration_sitting_id_ordinal'))
    )
    with op.batch_alter_table('registration', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_registration_candidate_id'), ['candidate_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_registration_commission_id'), ['commission_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_registration_sitting_id'), ['sitting_id'], unique=False)

    op.create_table('attempt',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('registration_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('form_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('form_hash', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=True),
    sa.Column('both_languages', sa.Boolean(), nullable=False),
    sa.Column('minutes', sa.SmallInteger(), nullable=False),
    sa.Column('number_of_items', sa.SmallInteger(), nullable=False),
    sa.Column('permutation', sa.Text(), nullable=False),
    sa.Column('shape', sa.String(length=80), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('deadline', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('live_session', sa.String(length=64), nullable=True),
    sa.Column('events_digest', sa.String(length=64), nullable=True),
    sa.CheckConstraint("(state = 'issued') = (started_at IS NULL) OR state = 'annulled'", name=op.f('ck_attempt_started_with_moment')),
    sa.CheckConstraint("(state IN ('submitted', 'expired')) = (finished_at IS NOT NULL)", name=op.f('ck_attempt_finished_with_moment')),
    sa.CheckConstraint("language IN ('kk', 'ru')", name=op.f('ck_attempt_language_known')),
    sa.CheckConstraint("state IN ('annulled', 'expired', 'issued', 'paused', 'started', 'submitted')", name=op.f('ck_attempt_state_known')),
    sa.CheckConstraint('(finished_at IS NULL) = (events_digest IS NULL)', name=op.f('ck_attempt_finished_with_digest')),
    sa.CheckConstraint('finished_at IS NULL OR finished_at <= deadline', name=op.f('ck_attempt_finished_in_time')),
    sa.CheckConstraint('number_of_items BETWEEN 1 AND 80', name=op.f('ck_attempt_items_allowed')),
    sa.CheckConstraint('started_at IS NULL OR (deadline IS NOT NULL AND language IS NOT NULL AND deadline > started_at)', name=op.f('ck_attempt_started_with_deadline')),
    sa.ForeignKeyConstraint(['form_id'], ['form.id'], name=op.f('fk_attempt_form_id')),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_attempt_registration_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempt')),
    sa.UniqueConstraint('registration_id', name=op.f('uq_attempt_registration_id'))
    )
    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attempt_form_id'), ['form_id'], unique=False)
        batch_op.create_index('ix_attempt_running', ['deadline'], unique=False, sqlite_where=sa.text("state IN ('started', 'paused')"), postgresql_where=sa.text("state IN ('started', 'paused')"))

    op.create_table('form_content',
    sa.Column('form_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['form_id'], ['form.id'], name=op.f('fk_form_content_form_id')),
    sa.PrimaryKeyConstraint('form_id', name=op.f('pk_form_content'))
    )
    op.create_table('form_item',
    sa.Column('form_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('slot', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('version_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('area', sa.String(length=8), nullable=False),
    sa.CheckConstraint('slot BETWEEN 1 AND 80', name=op.f('ck_form_item_slot_in_form')),
    sa.ForeignKeyConstraint(['form_id'], ['form.id'], name=op.f('fk_form_item_form_id')),
    sa.ForeignKeyConstraint(['version_id'], ['item_version.id'], name=op.f('fk_form_item_version_id')),
    sa.PrimaryKeyConstraint('form_id', 'slot', name=op.f('pk_form_item')),
    sa.UniqueConstraint('form_id', 'version_id', name=op.f('uq_form_item_form_id_version_id'))
    )
    with op.batch_alter_table('form_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_form_item_version_id'), ['version_id'], unique=False)

    op.create_table('item_edit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('version_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('editor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['editor_id'], ['account.id'], name=op.f('fk_item_edit_editor_id')),
    sa.ForeignKeyConstraint(['version_id'], ['item_version.id'], name=op.f('fk_item_edit_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_item_edit'))
    )
    with op.batch_alter_table('item_edit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_item_edit_version_id'), ['version_id'], unique=False)

    op.create_table('item_review',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('version_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reviewer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('deed', sa.String(length=16), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("deed = 'approve' OR reason <> ''", name=op.f('ck_item_review_reason_given')),
    sa.CheckConstraint("deed IN ('approve', 'retire', 'return')", name=op.f('ck_item_review_deed_known')),
    sa.ForeignKeyConstraint(['reviewer_id'], ['account.id'], name=op.f('fk_item_review_reviewer_id')),
    sa.ForeignKeyConstraint(['version_id'], ['item_version.id'], name=op.f('fk_item_review_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_item_review'))
    )
    with op.batch_alter_table('item_review', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_item_review_version_id'), ['version_id'], unique=False)

    op.create_table('sitting_form',
    sa.Column('sitting_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('form_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['form_id'], ['form.id'], name=op.f('fk_sitting_form_form_id')),
    sa.ForeignKeyConstraint(['sitting_id'], ['sitting.id'], name=op.f('fk_sitting_form_sitting_id')),
    sa.PrimaryKeyConstraint('sitting_id', 'form_id', name=op.f('pk_sitting_form'))
    )
    op.create_table('web_session',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('registration_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('body_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('device_hash', sa.String(length=64), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('(account_id IS NULL) <> (registration_id IS NULL)', name=op.f('ck_web_session_one_holder')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_web_session_account_id')),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_web_session_body_id')),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_web_session_registration_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_web_session'))
    )
    with op.batch_alter_table('web_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_web_session_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_web_session_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_web_session_registration_id'), ['registration_id'], unique=False)

    op.create_table('answer_event',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('attempt_id', sa.String(length=32), nullable=False),
    sa.Column('key', sa.String(length=36), nullable=False),
    sa.Column('slot', sa.SmallInteger(), nullable=False),
    sa.Column('choice', sa.String(length=16), nullable=False),
    sa.Column('flagged', sa.Boolean(), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], name=op.f('fk_answer_event_attempt_id')),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_answer_event')),
    sa.UniqueConstraint('attempt_id', 'key', name=op.f('uq_answer_event_attempt_id_key'))
    )
    op.create_table('incident',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('attempt_id', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=64), nullable=False),
    sa.Column('facts', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], name=op.f('fk_incident_attempt_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident'))
    )
    with op.batch_alter_table('incident', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_incident_attempt_id'), ['attempt_id'], unique=False)

    op.create_table('late_answer',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('attempt_id', sa.String(length=32), nullable=False),
    sa.Column('key', sa.String(length=36), nullable=False),
    sa.Column('slot', sa.SmallInteger(), nullable=False),
    sa.Column('choice', sa.String(length=16), nullable=False),
    sa.Column('flagged', sa.Boolean(), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], name=op.f('fk_late_answer_attempt_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_late_answer')),
    sa.UniqueConstraint('attempt_id', 'key', name=op.f('uq_late_answer_attempt_id_key'))
    )
    op.create_table('result',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('attempt_id', sa.String(length=32), nullable=False),
    sa.Column('number', sa.SmallInteger(), nullable=False),
    sa.Column('edition', sa.String(length=40), nullable=False),
    sa.Column('stage', sa.String(length=16), nullable=False),
    sa.Column('points', sa.SmallInteger(), nullable=False),
    sa.Column('max_points', sa.SmallInteger(), nullable=False),
    sa.Column('cut_score', sa.SmallInteger(), nullable=False),
    sa.Column('admitted', sa.Boolean(), nullable=False),
    sa.Column('outcome', sa.String(length=40), nullable=True),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('profile', sa.Text(), nullable=False),
    sa.Column('events_digest', sa.String(length=64), nullable=False),
    sa.Column('form_hash', sa.String(length=64), nullable=False),
    sa.Column('announced_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("stage IN ('initial', 'repeat')", name=op.f('ck_result_stage_known')),
    sa.CheckConstraint('admitted = (outcome IS NULL)', name=op.f('ck_result_outcome_if_refused')),
    sa.CheckConstraint('admitted = (points >= cut_score)', name=op.f('ck_result_gate')),
    sa.CheckConstraint('points BETWEEN 0 AND max_points', name=op.f('ck_result_points_in_range')),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], name=op.f('fk_result_attempt_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_result')),
    sa.UniqueConstraint('attempt_id', 'number', name=op.f('uq_result_attempt_id_number'))
    )
    op.create_table('mark',
    sa.Column('result_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('slot', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('version_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('choice', sa.String(length=40), nullable=False),
    sa.Column('awarded', sa.SmallInteger(), nullable=False),
    sa.CheckConstraint('awarded IN (0, 1)', name=op.f('ck_mark_point_or_none')),
    sa.ForeignKeyConstraint(['result_id'], ['result.id'], name=op.f('fk_mark_result_id')),
    sa.ForeignKeyConstraint(['version_id'], ['item_version.id'], name=op.f('fk_mark_version_id')),
    sa.PrimaryKeyConstraint('result_id', 'slot', name=op.f('pk_mark'))
    )


def downgrade() -> None:
    op.drop_table('mark')
    op.drop_table('result')
    op.drop_table('late_answer')
    with op.batch_alter_table('incident', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_incident_attempt_id'))

    op.drop_table('incident')
    op.drop_table('answer_event')
    with op.batch_alter_table('web_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_web_session_registration_id'))
        batch_op.drop_index(batch_op.f('ix_web_session_expires_at'))
        batch_op.drop_index(batch_op.f('ix_web_session_account_id'))

    op.drop_table('web_session')
    op.drop_table('sitting_form')
    with op.batch_alter_table('item_review', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_item_review_version_id'))

    op.drop_table('item_review')
    with op.batch_alter_table('item_edit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_item_edit_version_id'))

    op.drop_table('item_edit')
    with op.batch_alter_table('form_item', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_form_item_version_id'))

    op.drop_table('form_item')
    op.drop_table('form_content')
    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.drop_index('ix_attempt_running', sqlite_where=sa.text("state IN ('started', 'paused')"), postgresql_where=sa.text("state IN ('started', 'paused')"))
        batch_op.drop_index(batch_op.f('ix_attempt_form_id'))

    op.drop_table('attempt')
    with op.batch_alter_table('registration', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_registration_sitting_id'))
        batch_op.drop_index(batch_op.f('ix_registration_commission_id'))
        batch_op.drop_index(batch_op.f('ix_registration_candidate_id'))

    op.drop_table('registration')
    with op.batch_alter_table('item_version', schema=None) as batch_op:
        batch_op.drop_index('uq_item_version_open', sqlite_where=sa.text("state IN ('draft', 'submitted', 'returned')"), postgresql_where=sa.text("state IN ('draft', 'submitted', 'returned')"))
        batch_op.drop_index('uq_item_version_approved', sqlite_where=sa.text("state = 'approved'"), postgresql_where=sa.text("state = 'approved'"))
        batch_op.drop_index(batch_op.f('ix_item_version_state'))
        batch_op.drop_index(batch_op.f('ix_item_version_item_id'))
        batch_op.drop_index(batch_op.f('ix_item_version_content_hash'))

    op.drop_table('item_version')
    with op.batch_alter_table('form', schema=None) as batch_op:
        batch_op.drop_index('ix_form_bank')

    op.drop_table('form')
    with op.batch_alter_table('sitting', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sitting_opens_at'))
        batch_op.drop_index(batch_op.f('ix_sitting_body_id'))

    op.drop_table('sitting')
    op.drop_table('picture')
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.drop_index('uq_membership_live', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_membership_body_id'))
        batch_op.drop_index(batch_op.f('ix_membership_account_id'))

    op.drop_table('membership')
    with op.batch_alter_table('item', schema=None) as batch_op:
        batch_op.drop_index('ix_item_bank')

    op.drop_table('item')
    op.drop_table('blueprint')
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_entry_unsealed', sqlite_where=sa.text('batch IS NULL'), postgresql_where=sa.text('batch IS NULL'))
        batch_op.drop_index(batch_op.f('ix_audit_entry_subject'))
        batch_op.drop_index(batch_op.f('ix_audit_entry_body_id'))
        batch_op.drop_index('ix_audit_entry_batch')

    op.drop_table('audit_entry')
    with op.batch_alter_table('sign_in_failure', schema=None) as batch_op:
        batch_op.drop_index('ix_sign_in_failure_subject_at')

    op.drop_table('sign_in_failure')
    op.drop_table('candidate')
    with op.batch_alter_table('body', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_body_parent_id'))

    op.drop_table('body')
    op.drop_table('audit_batch')
    op.drop_table('account')
