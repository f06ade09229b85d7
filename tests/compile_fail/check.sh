#!/bin/sh
# check.sh COMPILER SOURCE_DIR [FLAG...] - every file here but control.cpp must be refused by the compiler, with the message that it expects.
set -u
compiler=$1 source=$2
shift 2
here=$source/tests/compile_fail
passed=0 failed=0
compile() { "$compiler" -fsyntax-only -std=c++23 -I "$source/src" "$@" 2>&1; }

if said=$(compile "$@" "$here/control.cpp"); then passed=$((passed + 1)); else
  failed=$((failed + 1))
  printf 'control.cpp must compile, or the others prove nothing:\n%s\n' "$said"
fi
for file in "$here"/*.cpp; do
  name=$(basename "$file")
  [ "$name" = control.cpp ] && continue
  expected=$(sed -n 's|^// expect: ||p' "$file")
  if [ -z "$expected" ]; then
    failed=$((failed + 1)); printf '%s: has no line "// expect: MESSAGE"\n' "$name"
  elif said=$(compile "$@" "$file"); then
    failed=$((failed + 1)); printf '%s: compiles, and must not\n' "$name"
  elif ! printf '%s' "$said" | grep -qF -- "$expected"; then
    failed=$((failed + 1)); printf '%s: is refused for another reason than "%s":\n%s\n' "$name" "$expected" "$said"
  else
    passed=$((passed + 1))
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
