"""The history of the tables, and the one way to bring a database up to it."""
