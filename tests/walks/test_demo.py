"""The main job on real sound: two scripted people, real sockets, WebRTC, recognition, Ada's voice, the score."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
title = "Two minutes"
zone = "open"
date = 2026-11-20

[[people]]
name = "Ben"
voice = "flite:rms"
facilitator = true

[[people]]
name = "Maya"
voice = "flite:slt"

[[lines]]
who = "Ben"
say = "The workshop went well yesterday."

[[lines]]
who = "Maya"
say = "I will send the budget to the finance team by Wednesday."

[[expect]]
text = "Send the budget to the finance team"
owner = "Maya"
due = "2026-11-25"
"""


@pytest.mark.e2e
@pytest.mark.slow
def test_a_spoken_commitment_is_noted_owned_dated_and_answered(tmp_path: Path) -> None:
    script = tmp_path / "two.toml"
    script.write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "server", "demo", "--headless", "--json", "--script", str(script)],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    result = json.loads(line)
    assert result["utterances"] >= 2
    assert result["word_error_rate"] <= 0.2
    assert (result["expected_tasks"], result["found_tasks"], result["wrong_tasks"]) == (1, 1, 0)
    assert (result["owner_accuracy"], result["due_accuracy"]) == (1.0, 1.0)
    assert result["spoken_replies"] == 1
