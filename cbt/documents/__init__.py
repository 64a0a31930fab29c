"""Papers: what is printed, signed and kept, as accessible archival PDF made from plain facts."""
