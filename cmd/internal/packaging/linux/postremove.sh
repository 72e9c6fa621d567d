#!/bin/sh
# Removes the configuration, the state and the user on a purge, which only dpkg has. Otherwise they stay for the next installation, as is
# the custom of every package manager here.
set -e

if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi

[ "$1" = purge ] || exit 0

rm -rf /etc/guestlist /var/lib/guestlist /etc/systemd/system/guestlist.service.d /etc/systemd/system/guestlist.timer.d
rm -f /var/lib/systemd/timers/stamp-guestlist.timer # when the timer last ran
if id guestlist >/dev/null 2>&1; then
  userdel guestlist
fi
