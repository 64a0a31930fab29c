"""The rules of attestation as pure functions: facts in, decision out; no clock, no database, no web."""
