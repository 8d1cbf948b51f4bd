#!/bin/sh
# Finds a Python that is new enough and hands over to scripts/setup.py.
# PYTHON=/path/to/python3.12 picks one by hand.
set -eu
cd "$(dirname "$0")/.."

new_enough() {
    command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

if [ -n "${PYTHON:-}" ]; then
    if ! new_enough "$PYTHON"; then
        echo "atrium: PYTHON=$PYTHON is not a Python 3.11 or newer. Name another one, or leave PYTHON out." >&2
        exit 1
    fi
else
    for candidate in python3 python3.13 python3.12 python3.11 python3.14 python; do
        if new_enough "$candidate"; then
            PYTHON=$candidate
            break
        fi
    done
    if [ -z "${PYTHON:-}" ]; then
        found=$(python3 --version 2>/dev/null || echo "no python3")
        echo "atrium: Python 3.11 or newer is needed, found $found. On Debian 12+ or Ubuntu 24.04+: apt-get install python3 python3-venv. Elsewhere name one with PYTHON=/path/to/python3.11." >&2
        exit 1
    fi
fi

exec "$PYTHON" -m scripts.setup "$@"
