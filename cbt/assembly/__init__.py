"""Blueprints and forms: which eighty items make a test."""
