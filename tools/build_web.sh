#!/usr/bin/env bash
# tools/build_web.sh - builds the pages of web/ and puts them where it is told; builds again only what has changed.
# Usage: build_web.sh FOLDER     needs node 18 or later and npm
set -euo pipefail
to=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/../web"
kept=../build/web
mkdir -p "$kept"
exec 9>"$kept/lock"
flock 9   # several builds may run side by side

need() { command -v "$1" >/dev/null || { echo "the pages need $1: apt-get install nodejs npm, or configure with -DAJAR_WEB=OFF to build without them" >&2; exit 1; }; }
need node
need npm
state=$(find . -path ./node_modules -prune -o -path ./dist -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
if [ "$state" != "$(cat "$kept/state" 2>/dev/null)" ] || [ ! -f "$kept/plan.html" ]; then
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  if ! cmp -s package-lock.json node_modules/.ajar-installed; then
    npm ci --no-audit --no-fund >"$log" 2>&1 || {
      tail -20 "$log" >&2
      echo "npm could not install what the pages are built with; -DAJAR_WEB=OFF builds without them" >&2
      exit 1
    }
    cp package-lock.json node_modules/.ajar-installed
  fi
  npm run --silent build -- --outDir "../build/web/fresh" --emptyOutDir >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
  mv "$kept/fresh/plan.html" "$kept/plan.html"
  echo "$state" >"$kept/state"
fi
cmp -s "$kept/plan.html" "$to/plan.html" || cp "$kept/plan.html" "$to/plan.html"
touch "$to/plan.html"
