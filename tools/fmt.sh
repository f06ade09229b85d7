#!/usr/bin/env bash
# tools/fmt.sh - formats every C++ file with clang-format-19; --check changes nothing and names the files that differ.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v clang-format-19 >/dev/null; then echo "clang-format-19 is missing: ./tools/install_deps.sh test" >&2; exit 1; fi
folders=()
for folder in src tests bench fuzz; do [ -d $folder ] && folders+=("$folder"); done
mapfile -d '' files < <(find "${folders[@]}" \( -name '*.hpp' -o -name '*.cpp' \) -not -path '*/node_modules/*' -print0 | sort -z)
if [ "${1:-}" = --check ]; then
  if printf '%s\0' "${files[@]}" | xargs -0 clang-format-19 --dry-run --Werror --ferror-limit=1 2>&1 | grep 'error:' | cut -d: -f1 | sort -u; then
    echo "these files differ from clang-format's form: ./dev fmt" >&2
    exit 1
  fi
  echo "${#files[@]} files in form"
else
  printf '%s\0' "${files[@]}" | xargs -0 clang-format-19 -i
fi
