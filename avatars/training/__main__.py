"""Trains the models of understanding: `python -m avatars.training WHAT [OPTIONS]`.

    hear         what a recogniser makes of words, for the two below; needs flite and espeak-ng
    utterances   the heads that read clauses as they are said
    requests     the heads that read what a colleague is asked for
    meetings     the nets that read utterances with their neighbours; needs the corpus and torch
    owners       who takes on what was agreed; needs the corpus

`python -m avatars.training WHAT --help` tells the options of each.
"""

from __future__ import annotations

import runpy
import sys

MODULES = {
    "hear": "avatars.training.hear",
    "utterances": "avatars.training.train",
    "requests": "avatars.training.requests_train",
    "meetings": "avatars.training.meetings",
    "owners": "avatars.training.owners",
}
NEEDED = frozenset({"torch", "onnx", "onnxscript", "transformers", "sklearn"})
"""What only some of them need, and an office does not."""


def main() -> None:
    """Run one of them with the options that follow."""
    wanted = sys.argv[1:2]
    if not wanted or wanted[0] not in MODULES:
        print(__doc__, file=sys.stdout if wanted == ["--help"] else sys.stderr)
        raise SystemExit(0 if wanted == ["--help"] else 2)
    del sys.argv[1]
    try:
        runpy.run_module(MODULES[wanted[0]], run_name="__main__", alter_sys=True)
    except ModuleNotFoundError as error:
        if error.name not in NEEDED:
            raise
        message = f"{wanted[0]} cannot be trained without {error.name}: see docs/howto/train-understanding.md"
        raise SystemExit(message) from error


if __name__ == "__main__":
    main()
