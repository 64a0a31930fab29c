"""Planted faults: servers that break a promise on purpose, so that a test can be seen to catch it."""
