#!/bin/sh
# Stops and disables the timer, unless this is an upgrade: dpkg then passes "upgrade", and rpm the number of versions that remain.
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
