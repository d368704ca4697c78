#!/bin/sh
# Stops or starts services, or says their state; answers one line a service:
#   lights-out service=<name> state=<active|inactive|failed|changing|unknown>
# Exit 0 means that every service could be looked at, not that it is as wished: the caller judges the states.
set -u
action='{{ Action }}'
services='{{ Services }}'
wait_seconds='{{ WaitSeconds }}'

state_of() {
  if [ "$(systemctl show --property=LoadState --value "$1")" = 'not-found' ]; then
    echo unknown
    return
  fi
  case "$(systemctl show --property=ActiveState --value "$1")" in
    active) echo active ;;
    inactive) echo inactive ;;
    failed) echo failed ;;
    activating | deactivating | reloading | refreshing) echo changing ;;
    *) echo unknown ;;
  esac
}

# True once a service is where the action leads, or cannot be led there.
settled() {
  case "$action/$1" in
    stop/active | stop/changing | start/inactive | start/changing) return 1 ;;
    *) return 0 ;;
  esac
}

if [ "$action" != 'status' ]; then
  for service in $services; do
    # --no-block: a service that hangs must not make the command hang. Its state, below, tells what came of it.
    systemctl --no-block "$action" "$service" || echo "systemctl $action $service was refused" >&2
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
  echo "lights-out service=$service state=$(state_of "$service")"
done
