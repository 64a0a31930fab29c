"""The application: the only file that knows every blueprint."""

from __future__ import annotations

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from cbt import logs
from cbt.accounts.vault import Vault
from cbt.db import Database
from cbt.i18n import compile_catalogues
from cbt.settings import Settings, from_environment
from cbt.web import guard, messages, pages
from cbt.web.account.views import blueprint as account
from cbt.web.admin.views import blueprint as admin
from cbt.web.assets import init_assets
from cbt.web.author.views import blueprint as author
from cbt.web.candidate.api import blueprint as candidate_api
from cbt.web.candidate.api import events as answers
from cbt.web.candidate.views import blueprint as candidate
from cbt.web.commission.views import blueprint as commission
from cbt.web.context import Services
from cbt.web.intake import WholeRequest
from cbt.web.invigilator.views import blueprint as invigilator
from cbt.web.practice.views import blueprint as practice
from cbt.web.public.views import blueprint as public
from cbt.web.reviewer.views import blueprint as reviewer
from cbt.web.sessions import RememberedSessions

BLUEPRINTS = (public, practice, account, candidate, candidate_api, author, reviewer, invigilator, commission, admin)


def create_app(settings: Settings | None = None) -> Flask:
    """An application ready to serve. Refuses `setting_unsafe`, `database_not_durable`."""
    settings = (settings or from_environment()).require_sound()
    compile_catalogues()
    logs.configure(settings.log_level)
    app = Flask("cbt.web", static_folder=None, template_folder="templates")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.previous_secret_keys),
        SESSION_COOKIE_NAME="__Host-cbt" if settings.is_https else "cbt",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=settings.max_upload_mb * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.session_interface = RememberedSessions()
    database = Database(settings.database_url, pool_size=settings.pool_size)
    database.check()
    app.extensions["cbt"] = Services(settings=settings, database=database, vault=Vault(settings.data_key))
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    messages.init_messages(app)
    guard.init_guard(app)
    # The road of an answer makes the same check by itself, once for each token.
    CSRFProtect(app).exempt(answers)
    pages.init_pages(app)
    init_assets(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.wsgi_app = WholeRequest(app.wsgi_app, largest=settings.max_upload_mb * 1024 * 1024)  # type: ignore[method-assign]
    return app
