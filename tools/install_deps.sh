#!/usr/bin/env bash
# tools/install_deps.sh - installs the Debian 12 packages that Ajar needs, and only those that are missing.
# Usage: install_deps.sh [build] [test] [bench] [eval] [--print]      no word = build; --print only says what is missing
set -euo pipefail

build=(clang-19 lld-19 cmake ninja-build ccache pkg-config libssl-dev libsqlite3-dev libfmt-dev libsimdjson-dev
       libtomlplusplus-dev libcli11-dev python3 git curl ca-certificates)
test=(openssl clang-format-19 llvm-19 libclang-rt-19-dev libgtest-dev libgmock-dev python3-venv procps chromium fonts-dejavu-core)
bench=(haproxy nginx-light procps)
judge=(libeigen3-dev)

wanted=() print=0
for word in "$@"; do
  case $word in
    build)
      wanted+=("${build[@]}")
      # Any Node.js from 18 on will do; Debian's is installed only where there is none.
      command -v node >/dev/null || wanted+=(nodejs)
      command -v npm >/dev/null || wanted+=(npm)
      ;;
    test) wanted+=("${test[@]}") ;;
    bench) wanted+=("${bench[@]}") ;;
    eval) wanted+=("${judge[@]}") ;;
    --print) print=1 ;;
    *) sed -n 2,3p "$0"; exit 2 ;;
  esac
done
[ ${#wanted[@]} -gt 0 ] || wanted=("${build[@]}")

if ! command -v dpkg-query >/dev/null; then
  echo "This is no Debian system. Ajar builds with what these Debian 12 packages hold; install their like by hand:" >&2
  echo "  ${wanted[*]}" >&2
  # Another system may have the tools all the same: let the build try.
  command -v clang++-19 >/dev/null && command -v cmake >/dev/null && command -v ninja >/dev/null && exit 0
  exit 1
fi

is_there() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ] && return 0
  case $1 in   # programs that may have come another way
    nginx-light) [ -x /usr/sbin/nginx ] || command -v nginx >/dev/null ;;
    haproxy) [ -x /usr/sbin/haproxy ] || command -v haproxy >/dev/null ;;
    cmake | git | curl | chromium) command -v "$1" >/dev/null ;;
    *) return 1 ;;
  esac
}

missing=()
for package in "${wanted[@]}"; do is_there "$package" || missing+=("$package"); done
[ ${#missing[@]} -gt 0 ] || exit 0
if [ $print = 1 ]; then printf '%s\n' "${missing[@]}"; exit 0; fi

as_root=()
if [ "$(id -u)" != 0 ]; then
  # Without a terminal sudo must not wait for a password that nobody can type.
  if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    as_root=(sudo)
  else
    echo "Ajar needs these packages, and this user may not install them. As root:" >&2
    echo "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
fi
echo "installing ${#missing[@]} Debian packages: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1 </dev/null; }
# A daemon that a package brings (HAProxy, nginx) is not wanted as a service: it would take port 80.
services() { for unit in haproxy nginx; do "${as_root[@]}" systemctl disable --now "$unit" >/dev/null 2>&1 || true; done; }
run apt-get update || { tail -5 "$log" >&2; echo "apt-get update failed" >&2; exit 1; }
run apt-get install -y --no-install-recommends "${missing[@]}" || { tail -15 "$log" >&2; echo "apt-get install failed" >&2; exit 1; }
case " ${missing[*]} " in *" haproxy "* | *" nginx-light "*) services ;; esac
