"""The audit, as the office vouches for it: a key, signed roots in a file, and who verifies them."""
