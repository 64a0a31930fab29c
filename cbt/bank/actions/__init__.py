"""Deeds on the bank: writing, reviewing, pictures, bank files, adoption from the reference library."""
