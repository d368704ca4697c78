#!/bin/sh
# Switches maintenance mode: makes or removes the flag file and looks whether it is so. Answers lights-out maintenance=<on|off>.
set -u
action='{{ Action }}'
flag='{{ FlagFile }}'

if [ "$action" = 'on' ]; then
  mkdir -p "$(dirname "$flag")" || exit 1
  : >"$flag" || exit 1
else
  rm -f "$flag" || exit 1
fi

if [ -e "$flag" ]; then
  echo 'lights-out maintenance=on'
else
  echo 'lights-out maintenance=off'
fi
