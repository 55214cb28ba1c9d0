#!/usr/bin/env bash
# Installs what building (`build`) and testing (`test`) roost needs and this machine lacks.
#
# It looks first and installs only what is missing, so with everything there it needs neither root nor network.
# Debian and its kin through apt-get (with sudo when not root), macOS through Homebrew.
set -euo pipefail

say() { echo "dependencies: $*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }
has_library() { pkg-config --exists "$1" 2>/dev/null; }

wanted=("$@")
[ ${#wanted[@]} -gt 0 ] || wanted=(build)
needs() { case " ${wanted[*]} " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

if ! have "${SWIFT:-swift}"; then
  say "Swift 6.3 or newer is missing: see swift.org/install, then run this again"
  exit 69
fi

missing=()
# library PKG-CONFIG-NAME DEBIAN-PACKAGE BREW-FORMULA
library() { has_library "$1" || missing+=("$2=$3"); }
program() { have "$1" || missing+=("$2=$3"); }

if needs build; then
  program pkg-config pkg-config pkgconf
  library libmicrohttpd libmicrohttpd-dev libmicrohttpd
  library libnghttp2 libnghttp2-dev libnghttp2
  library libcurl libcurl4-openssl-dev curl
  library libcares libc-ares-dev c-ares
  library sqlite3 libsqlite3-dev sqlite
  library libpcre2-8 libpcre2-dev pcre2
  # macOS has its header itself.
  [ "$(uname -s)" = Darwin ] || library ncursesw libncurses-dev ncurses
  library zlib zlib1g-dev zlib
  library libisal libisal-dev isa-l
  library libzstd libzstd-dev zstd
  library yaml-0.1 libyaml-dev libyaml
  # Debian 12 has the C library in libmsgpack-dev (pkg-config name msgpack), Debian 13 in libmsgpack-c-dev (msgpack-c).
  has_library msgpack-c || has_library msgpack || missing+=("libmsgpack-c-dev|libmsgpack-dev=msgpack")
fi
if needs test; then
  program cc gcc gcc
  program python3 python3 python3
  program zstd zstd zstd
  program openssl openssl openssl
  program curl curl curl
  # What completions and the manual page are tried in.
  program zsh zsh zsh
  program fish fish fish
  program mandoc mandoc mandoc
  # What an instrumented app sends its queries to. The server of PostgreSQL is not on everybody's path.
  program redis-server redis-server redis
  [ -e /usr/lib/postgresql ] || program initdb postgresql postgresql
  # A terminal for roost top to draw on.
  program tmux tmux tmux
  if [ "$(uname -s)" = Linux ]; then
    # What the page is looked at with.
    program chromium chromium -
    program chromedriver chromium-driver -
    # Machines and containers for the doctor to look at; only root can make them.
    program nft nftables -
    program ip iproute2 -
    program setpriv util-linux -
  fi
  if have python3 && ! python3 -c 'import ensurepip, venv' 2>/dev/null; then missing+=("python3-venv=python3"); fi
fi

[ ${#missing[@]} -gt 0 ] || exit 0

if have brew; then
  formulas=()
  for entry in "${missing[@]}"; do formulas+=("${entry#*=}"); done
  say "brew install ${formulas[*]}"
  brew install "${formulas[@]}"
elif have apt-get; then
  root=()
  if [ "$(id -u)" -ne 0 ]; then
    have sudo || { say "missing: ${missing[*]%%=*}; install them as root"; exit 77; }
    root=(sudo)
  fi
  "${root[@]}" apt-get update -qq
  packages=()
  for entry in "${missing[@]}"; do
    chosen=""
    IFS='|' read -r -a names <<<"${entry%%=*}"
    for name in "${names[@]}"; do
      if [ -n "$(apt-cache madison "$name" 2>/dev/null)" ]; then chosen=$name; break; fi
    done
    [ -n "$chosen" ] || { say "no package of these is known to apt: ${names[*]}"; exit 69; }
    packages+=("$chosen")
  done
  say "apt-get install ${packages[*]}"
  DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2
else
  say "missing: ${missing[*]%%=*}; neither apt-get nor brew is here to install them"
  exit 69
fi
