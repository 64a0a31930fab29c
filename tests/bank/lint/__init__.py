"""Tests of the lint of whole banks."""
