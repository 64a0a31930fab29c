"""Commands: parse, open a transaction, call one action, print."""
