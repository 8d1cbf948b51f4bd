"""Builds the language model that the embedded recogniser ships with; nothing here runs in the office
but the pronunciations of names."""
