"""Shells around the cores of the avatars: recognisers and voices."""
