"""Entry for any WSGI server: `wsgi:app`."""

from cbt.app import create_app

app = create_app()
