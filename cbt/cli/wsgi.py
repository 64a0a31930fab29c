"""The application as the server's processes load it."""

from cbt.app import create_app

app = create_app()
