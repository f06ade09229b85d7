#!/usr/bin/env bash
# tests/e2e/run.sh - the official OpenAI client for Node.js against the built program; closes with `N passed, N failed`.
# Usage: run.sh [FILE.test.mjs...]   AJAR_BIN says which program (build/release/ajar)
set -euo pipefail
cd "$(dirname "$0")"
program=${AJAR_BIN:-../../build/release/ajar}
[ -x "$program" ] || { echo "there is no $program: run ./dev build first" >&2; exit 1; }
. ./install.sh
[ $# -gt 0 ] || set -- *.test.mjs
exec node --test --test-reporter=./reporter.mjs --test-concurrency=2 "$@"
