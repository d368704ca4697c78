#!/bin/sh
# Runs the program of a health check; answers lights-out health=<exit code of the program>, or health=late when it does not end within 10 s.
# Exit 0 means that the program was run, not that it is content. The program's exit code is never this script's: the agent reads 194 as
# "restart the server" (https://docs.aws.amazon.com/systems-manager/latest/userguide/send-commands-reboot.html).
# Exit 3: a check that this system does not have on this platform; nothing was done.
set -uf
check='{{ Check }}'
# <fingerprint of the check's name>:<path of its program>, separated by a blank. Paths come encoded, so that no shell reads anything into them.
own='@OWN@'

program=''
for each in $own; do
  if [ "${each%%:*}" = "$check" ]; then
    program=$(printf %s "${each#*:}" | base64 -d) || exit 1
  fi
done
if [ -z "$program" ]; then
  printf 'check %s is none of this system: nothing was done\n' "$check" >&2
  exit 3
fi

# What the program prints is not kept: it may hold a secret.
timeout -k 1 10 "$program" </dev/null >/dev/null 2>&1
code=$?
# timeout answers 124 in place of the program's code, and 137 where it had to kill it.
case "$code" in
  124 | 137) code=late ;;
esac
printf 'lights-out health=%s\n' "$code"
