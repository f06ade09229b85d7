#!/usr/bin/env bash
# tests/engine/run.sh - a real engine (llama.cpp's server, a tiny model with random weights) found by `ajar up` and asked through it.
# Closes with `N passed, N failed`. AJAR_BIN says which program (build/release/ajar).
set -euo pipefail
cd "$(dirname "$0")"
program=${AJAR_BIN:-../../build/release/ajar}
[ -x "$program" ] || { echo "there is no $program: run ./dev build first" >&2; exit 1; }
cd ../e2e
. ./install.sh
cd ../engine

place=../../build/engine
if ! cmp -s requirements.txt $place/installed; then
  rm -rf $place
  mkdir -p $place
  if ! { python3 -m venv $place/venv && $place/venv/bin/pip install --disable-pip-version-check -r requirements.txt; } \
    >$place/install.log 2>&1; then
    tail -20 $place/install.log >&2
    echo "pip could not install the engine" >&2
    exit 1
  fi
  cp requirements.txt $place/installed
fi
python3 tiny_model.py $place/tiny.gguf
exec node --test --test-reporter=../e2e/reporter.mjs engine.test.mjs
