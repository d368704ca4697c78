#!/bin/sh
# Switches maintenance mode: makes or removes the flag file and looks whether it is so. Answers lights-out maintenance=<on|off>.
# Exit 3: another path than this system's; nothing was done.
# Exit 4: something stands at the path that Lights Out did not make; nothing was done.
set -uf
action='{{ Action }}'
# The path comes encoded, so that no shell reads anything into it.
flag=$(printf %s '{{ FlagFile }}' | base64 -d) || exit 1
# Fingerprint of the one path that this document may touch.
own='@OWN@'
# What a flag file of Lights Out holds.
mark='lights-out maintenance'

if [ "$(printf %s "$flag" | sha256sum | cut -c1-12)" != "$own" ]; then
  printf '%s is not the flag file of this system: nothing was done\n' "$flag" >&2
  exit 3
fi

# A regular file of ours. A link is not: what it leads to may be anybody's.
is_ours() {
  [ -f "$flag" ] && [ ! -L "$flag" ] && [ "$(head -c 64 -- "$flag")" = "$mark" ]
}

if [ -e "$flag" ] || [ -L "$flag" ]; then
  if ! is_ours; then
    printf '%s stands there and was not made by Lights Out: look at it, and move it away\n' "$flag" >&2
    exit 4
  fi
  if [ "$action" = 'off' ]; then
    rm -f -- "$flag" || exit 1
  fi
elif [ "$action" = 'on' ]; then
  mkdir -p -- "$(dirname -- "$flag")" || exit 1
  # noclobber: a file that appears just now is not written over.
  set -C
  printf '%s\n' "$mark" >"$flag" || exit 1
  # The web server runs as somebody else.
  chmod 0644 -- "$flag" || exit 1
fi

if [ -e "$flag" ]; then
  echo 'lights-out maintenance=on'
else
  echo 'lights-out maintenance=off'
fi
