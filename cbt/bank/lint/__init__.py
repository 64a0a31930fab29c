"""What only shows when many questions are looked at together: figures of a bank, repeated texts, spelling."""
