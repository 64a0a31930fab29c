"""Reviewers' pages: questions and forms to approve."""
