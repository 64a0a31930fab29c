"""Sittings, attempts and answers: the road of a candidate from the door to the last second."""
