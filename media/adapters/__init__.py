"""Shells around the cores: recognisers, speech detection and sound connections."""
