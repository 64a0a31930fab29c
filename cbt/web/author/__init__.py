"""Authors' pages: questions, blueprints and forms."""
