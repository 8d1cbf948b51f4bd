"""Scripted colleagues: what they say, how they sound, and how well a listener understood them."""
