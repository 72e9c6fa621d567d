#!/bin/sh
# Stops the timer and takes back its enabling, unless the package is only replaced by another version of itself: dpkg then says
# "upgrade", and rpm says how many versions stay.
set -e

case "$1" in
  upgrade | failed-upgrade | 1) exit 0 ;;
esac

if [ -d /run/systemd/system ]; then
  systemctl disable --now guestlist.timer || true
  systemctl stop guestlist.service || true
elif command -v systemctl >/dev/null; then
  systemctl disable guestlist.timer || true
fi
