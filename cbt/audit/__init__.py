"""The append-only, sealed record of deeds."""
