"""What people leave with: pure functions from a meeting's record to files."""
