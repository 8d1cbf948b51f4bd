"""The roof of the house: the only package that waits."""

__version__ = "0.1.0"
