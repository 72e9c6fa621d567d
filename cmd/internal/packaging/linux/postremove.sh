#!/bin/sh
# After a purge, which only dpkg has, nothing is left: neither what was configured, nor what was kept, nor the user. Otherwise both stay
# for the next installation, as these systems want it.
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
