"""From a folder with the corpus to the model, its evaluation and its card.

    python -m avatars.training.meetings --data FOLDER

Needs the extra "training" (`pip install -e ".[training]"`) and `onnx`, `onnxscript`. With two cores it takes about
25 minutes for one seed, and 12 more for each further one that is evaluated.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from avatars.training.meetings import steps

ASSETS = Path(__file__).parents[3] / "assets" / "models" / "understanding"


def main() -> None:
    """Train, calibrate, evaluate, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train.jsonl.gz, dev.jsonl, …")
    parser.add_argument(
        "--models", type=Path, default=ASSETS, help="folder with the encoder; the model goes there"
    )
    parser.add_argument(
        "--work", type=Path, default=Path("build/understanding"), help="what is computed is kept here"
    )
    parser.add_argument("--seeds", type=int, default=1, help="models to train and evaluate; the first is written")
    parser.add_argument("--report", type=Path, help="write only how well the models do, and no model")
    parser.add_argument("--workers", type=int, default=2, help="nets that learn at the same time")
    arguments = parser.parse_args()
    started = time.monotonic()
    steps.make(
        steps.Plan(
            data=arguments.data, models=arguments.models, work=arguments.work, seeds=arguments.seeds,
            workers=arguments.workers, report=arguments.report,
        ),
        lambda words: print(f"[{time.monotonic() - started:5.0f} s] {words}", flush=True),
    )  # fmt: skip


if __name__ == "__main__":
    main()
