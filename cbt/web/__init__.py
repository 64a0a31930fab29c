"""Requests in, pages out; one folder for each audience."""
