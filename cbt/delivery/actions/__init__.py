"""What is done to sittings, registrations and attempts, one file for each kind of deed."""
