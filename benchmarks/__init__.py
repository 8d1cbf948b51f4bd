"""Measurements beside their peers: `python -m benchmarks.NAME`, with `--json` one line a measurement."""
