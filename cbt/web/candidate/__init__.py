"""The candidate's pages: sign-in, waiting room, player, result."""
