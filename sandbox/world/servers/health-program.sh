#!/bin/sh
# The program of a health check on a server of the sandbox: content while all services of the server are active.
health='@HEALTH@'
if [ -f "$health/strikes" ]; then
  read -r how <"$health/strikes"
  # Longer than the document waits.
  if [ "$how" = hangs ]; then exec /bin/sleep 60; fi
  exit 1
fi
while read -r unit; do
  [ "$(systemctl show --property=ActiveState --value -- "$unit")" = active ] || exit 1
done <"$health/units"
