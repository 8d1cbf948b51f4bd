"""One file for each way through the house."""
