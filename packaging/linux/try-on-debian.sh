#!/usr/bin/env bash
# Installs a .deb in a bare Debian made by debootstrap and uses it as a person would: packaging/linux/try-on-debian.sh SUITE FILE.deb [FOLDER]
# Needs root, debootstrap and room for 4 GB. Screenshots are kept in FOLDER (default: build/try-SUITE).
set -euo pipefail
suite="$1"; package="$(realpath "$2")"; here="$(cd "$(dirname "$0")/../.." && pwd)"
kept="${3:-$here/build/try-$suite}"; root="$kept/root"
mkdir -p "$kept"
[ -e "$root/etc/debian_version" ] || debootstrap --variant=minbase "$suite" "$root" ${DEBIAN_MIRROR:-}
# This machine's own sources, where they name a mirror or a proxy.
[ -z "${APT_CONFIGURATION:-}" ] || cp "$APT_CONFIGURATION"/* "$root/etc/apt/apt.conf.d/"
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
for folder in proc dev sys; do mountpoint -q "$root/$folder" || mount --rbind "/$folder" "$root/$folder"; done
trap 'for folder in proc dev sys; do umount -R -l "$root/$folder" || true; done' EXIT
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }

cp "$package" "$root/tmp/thau.deb"; cp "$here/packaging/smoke.py" "$root/tmp/"
inside apt-get update -qq
inside apt-get install -y -qq --no-install-recommends /tmp/thau.deb
inside apt-get install -y -qq --no-install-recommends xvfb x11-apps imagemagick fonts-dejavu-core desktop-file-utils python3 >/dev/null
inside desktop-file-validate /usr/share/applications/thau.desktop
inside id someone >/dev/null 2>&1 || inside useradd --create-home someone
as() { inside su someone -c "cd; $*"; }
as python3 /tmp/smoke.py --bundle /opt/thau --screenshot /home/someone/window.png
cp "$root/home/someone/window.png" "$kept/window-$suite.png"
as thau add question answer
inside apt-get purge -y -qq thau-desktop
[ ! -e "$root/opt/thau" ] || { echo "/opt/thau is left" >&2; exit 1; }
[ -e "$root/home/someone/.local/share/THAU/thau.db" ] || { echo "the user's data is gone" >&2; exit 1; }
echo "installed, used and removed on $suite; the user's data is still there"
