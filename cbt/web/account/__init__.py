"""Signing in and out, the language and the body one acts in."""
