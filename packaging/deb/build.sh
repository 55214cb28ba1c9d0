#!/usr/bin/env bash
# Makes a Debian package of a built roost: binary, systemd unit, manual page, completions, example configuration.
#
#   packaging/deb/build.sh BINARY FOLDER    writes FOLDER/roost_VERSION_ARCHITECTURE.deb
#
# It needs dpkg-deb, dpkg and binutils, no network and no root. DEBFULLNAME and DEBEMAIL name who makes it;
# DEB_COMPRESSION=none makes it faster and larger.
set -euo pipefail

binary=$1 folder=$2
here=$(cd "$(dirname "$0")" && pwd)
version=$("$binary" version | cut -d' ' -f2)
architecture=$(dpkg --print-architecture)
maintainer="${DEBFULLNAME:-roost} <${DEBEMAIL:-roost@example.org}>"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/roost

# Packages of the libraries that the binary is linked with. Those that it opens by name when it needs them are below.
library_packages() {
  local name file
  objdump -p "$binary" | awk '$1 == "NEEDED" { print $2 }' | while read -r name; do
    file=$(ldd "$binary" | awk -v name="$name" '$1 == name && $2 == "=>" { print $3 }')
    [ -n "$file" ] || continue # the loader itself
    dpkg -S "$(realpath "$file")" 2>/dev/null || dpkg -S "$file" 2>/dev/null ||
      { echo "build.sh: no package has $file, which $binary is linked with" >&2; exit 1; }
  done | cut -d: -f1 | sort -u
}

# Where the machine has one of them, its name here: Debian 13 renamed some.
opened_package() {
  local name
  for name in "$@"; do
    if dpkg-query --show --showformat='${db:Status-Abbrev}' "$name" 2>/dev/null | grep -q '^ii'; then
      echo "$name"
      return
    fi
  done
  local IFS='|'
  echo "$*" | sed 's/|/ | /g'
}

minimum() {
  case $1 in
  libc6) echo "libc6 (>= $(dpkg-query --show --showformat='${Version}' libc6 | cut -d- -f1 | cut -d+ -f1))" ;;
  *) echo "$1" ;;
  esac
}

depends=""
for package in $(library_packages); do depends+="$(minimum "$package"), "; done
depends+="adduser, $(opened_package libmicrohttpd12t64 libmicrohttpd12), $(opened_package libcurl4t64 libcurl4), libnghttp2-14, libsqlite3-0, ca-certificates"

install -d "$root/DEBIAN" "$root/usr/bin" "$root/usr/share/man/man1" "$root/usr/share/doc/roost/examples" \
  "$root/usr/share/bash-completion/completions" "$root/usr/share/zsh/vendor-completions" \
  "$root/usr/share/fish/vendor_completions.d" "$root/lib/systemd/system" "$root/etc/default" \
  "$root/var/lib/roost"
install -m 755 "$binary" "$root/usr/bin/roost"
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$root/usr/bin/roost"
"$binary" man | gzip -9n >"$root/usr/share/man/man1/roost.1.gz"
"$binary" completion bash >"$root/usr/share/bash-completion/completions/roost"
"$binary" completion zsh >"$root/usr/share/zsh/vendor-completions/_roost"
"$binary" completion fish >"$root/usr/share/fish/vendor_completions.d/roost.fish"
install -m 644 "$here/../systemd/roost.service" "$root/lib/systemd/system/roost.service"
install -m 644 "$here/../datadog.yaml" "$here/../systemd/as-dd-agent.conf" "$root/usr/share/doc/roost/examples/"
install -m 644 "$here/default" "$root/etc/default/roost"
install -m 644 "$here/copyright" "$root/usr/share/doc/roost/copyright"
# A fixed date keeps the package the same for the same sources.
date=$(date -R -u -d "@${SOURCE_DATE_EPOCH:-$(stat -c %Y "$binary")}")
printf 'roost (%s) stable; urgency=medium\n\n  * See the history of the repository.\n\n -- %s  %s\n' \
  "$version" "$maintainer" "$date" | gzip -9n >"$root/usr/share/doc/roost/changelog.gz"
chmod 644 "$root"/usr/share/*/*/* "$root"/usr/share/doc/roost/examples/* 2>/dev/null || true
chmod 755 "$root/usr/share/doc/roost/examples" "$root/usr/share/bash-completion/completions" \
  "$root/usr/share/man/man1" "$root/usr/share/zsh/vendor-completions" "$root/usr/share/doc/roost"

install -m 755 "$here/postinst" "$here/prerm" "$here/postrm" "$root/DEBIAN/"
echo /etc/default/roost >"$root/DEBIAN/conffiles"
cat >"$root/DEBIAN/control" <<CONTROL
Package: roost
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Section: net
Priority: optional
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f1)
Depends: $depends
Recommends: libisal2, libpcre2-8-0
Suggests: libncursesw6, libc-ares2
Description: APM trace agent that shows traces in the terminal
 roost takes the place of Datadog's trace-agent, with the same port, protocol
 and configuration. It groups spans into traces, shows hits, errors and latency
 of every service and resource in a terminal or browser, and samples and
 forwards to an intake.
CONTROL
(cd "$root" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)

mkdir -p "$folder"
dpkg-deb --root-owner-group -Z"${DEB_COMPRESSION:-xz}" --build "$root" "$folder/roost_${version}_${architecture}.deb"
