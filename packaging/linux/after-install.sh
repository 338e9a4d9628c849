#!/bin/sh
# Lets the desktop know of the entry, its icon and its kinds of files. A system without these tools needs none of it.
for command in "update-desktop-database -q /usr/share/applications" "update-mime-database /usr/share/mime" "gtk-update-icon-cache -q -t -f /usr/share/icons/hicolor"; do
  command -v "${command%% *}" >/dev/null 2>&1 && $command || true
done
exit 0
