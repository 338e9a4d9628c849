#!/usr/bin/env bash
# An AppImage of dist/thau: packaging/linux/appimage.sh [OUTPUT]; needs appimagetool (https://github.com/AppImage/appimagetool).
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v appimagetool >/dev/null || { echo "appimagetool is missing: https://github.com/AppImage/appimagetool/releases" >&2; exit 1; }
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/usr/lib"
cp -a dist/thau "$folder/usr/lib/thau"
cp packaging/linux/thau.desktop "$folder/"
cp resources/icons/thau-256.png "$folder/thau.png"
ln -s usr/lib/thau/thau-desktop "$folder/AppRun"
ARCH="$(uname -m)" appimagetool "$folder" "${1:-dist/THAU-$(uname -m).AppImage}"
