"""Formats of bank files, read with every problem named and written byte-stable."""
