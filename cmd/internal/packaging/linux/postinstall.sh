#!/bin/sh
# Creates the user that guestlist.service runs as. Nothing is enabled or started: there is nothing to scan until an admin has written
# /etc/guestlist/guestlist.toml.
set -e

if ! id guestlist >/dev/null 2>&1; then
  if command -v systemd-sysusers >/dev/null; then
    systemd-sysusers guestlist.conf
  elif command -v useradd >/dev/null; then
    useradd --system --user-group --home-dir /var/lib/guestlist --no-create-home --shell /usr/sbin/nologin guestlist
  else # BusyBox
    addgroup -S guestlist
    adduser -S -D -H -h /var/lib/guestlist -s /sbin/nologin -G guestlist guestlist
  fi
fi

if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
