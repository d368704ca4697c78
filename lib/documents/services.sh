#!/bin/sh
# Stops or starts services, or says their state; answers one line a service, and one for people:
#   lights-out service=<fingerprint> state=<active|inactive|failed|changing|unknown>
#   service <name> is <state>
# A fingerprint is the first 12 digits of the SHA-256 of the name.
# Exit 0 means that every service could be looked at, not that it is as wished: the caller judges the states.
# Exit 3: a name that this system does not have; nothing was done.
set -uf
action='{{ Action }}'
wait_seconds='{{ WaitSeconds }}'
# One name a line. Names come encoded, so that no shell reads anything into them.
services=$(printf %s '{{ Services }}' | base64 -d) || exit 1
# Fingerprints of the services that this document may touch.
own=' @OWN@ '
IFS='
'

fingerprint_of() {
  printf %s "$1" | sha256sum | cut -c1-12
}

for service in $services; do
  case "$own" in
    *" $(fingerprint_of "$service") "*) ;;
    *)
      printf 'service %s is none of this system: nothing was done\n' "$service" >&2
      exit 3
      ;;
  esac
done

state_of() {
  if [ "$(systemctl show --property=LoadState --value -- "$1")" = 'not-found' ]; then
    echo unknown
    return
  fi
  case "$(systemctl show --property=ActiveState --value -- "$1")" in
    active) echo active ;;
    inactive) echo inactive ;;
    failed) echo failed ;;
    activating | deactivating | reloading | refreshing) echo changing ;;
    *) echo unknown ;;
  esac
}

# True once a service is where the action leads, or cannot be led there. A start that was only just queued
# (--no-block: https://www.freedesktop.org/software/systemd/man/latest/systemctl.html) leaves a failed
# service failed until it is begun: that counts from the second look on.
settled() {
  case "$action/$1" in
    start/failed) [ "$waited" -gt 0 ] ;;
    stop/active | stop/changing | start/inactive | start/changing) return 1 ;;
    *) return 0 ;;
  esac
}

if [ "$action" != 'status' ]; then
  for service in $services; do
    # --no-block: a service that hangs must not make the command hang. Its state, below, tells what came of it.
    systemctl --no-block "$action" -- "$service" || printf 'systemctl %s %s was refused\n' "$action" "$service" >&2
  done
fi

waited=0
while [ "$action" != 'status' ] && [ "$waited" -lt "$wait_seconds" ]; do
  open=0
  for service in $services; do
    settled "$(state_of "$service")" || open=1
  done
  [ "$open" -eq 0 ] && break
  sleep 1
  waited=$((waited + 1))
done

for service in $services; do
  state=$(state_of "$service")
  printf 'lights-out service=%s state=%s\nservice %s is %s\n' "$(fingerprint_of "$service")" "$state" "$service" "$state"
done
