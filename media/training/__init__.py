"""Trains a small Whisper of our own on synthetic office speech: `python -m media.training --out FOLDER`."""
