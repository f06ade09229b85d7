# tests/e2e/install.sh - sourced by the tests that use the official client: installs it where it is missing or old.
if ! cmp -s package-lock.json node_modules/.ajar-installed; then
  log=$(mktemp)
  if ! npm ci --no-audit --no-fund >"$log" 2>&1; then
    tail -20 "$log" >&2
    echo "npm could not install the OpenAI client" >&2
    exit 1
  fi
  cp package-lock.json node_modules/.ajar-installed
fi
