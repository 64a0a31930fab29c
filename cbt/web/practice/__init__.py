"""The practice test: open to everybody, kept nowhere."""
