"""Figures of speed and weight, printed and never asserted: `python -m tests.bench`."""
