"""People and bodies: who may do what, and where."""
