#!/bin/sh
# Looks at what a run would meet on this server, and changes nothing. Texts are base64 of their UTF-8; a fingerprint is the first 12 digits
# of the SHA-256 of a name. Answers lines as
#   lights-out missing=<program that is not there>
#   lights-out service=<fingerprint> load=<as systemd says it> state=<as systemd says it>
#   lights-out service=<fingerprint> takes=<unit that runs, and that systemd stops with it>
#   lights-out service=<fingerprint> wakes=<unit that runs, and that starts it>
#   lights-out known=<the units of this server, one a line: when a service is not known>
#   lights-out flag=<none|ours|foreign> folder=<ok|none|closed> filesystem=<type>
set -uf
LC_ALL=C
export LC_ALL

programs='systemctl base64 sha256sum findmnt'
# To read restored volumes: lib/documents/volumes.sh.
if [ '{{ Files }}' = 'yes' ]; then programs="$programs lsblk blkid mount umount find sort xargs awk"; fi
for program in $programs; do
  command -v "$program" >/dev/null 2>&1 || echo "lights-out missing=$program"
done
for program in systemctl base64 sha256sum; do
  command -v "$program" >/dev/null 2>&1 || exit 0
done

services=$(printf %s '{{ Services }}' | base64 -d) || exit 1
flag=$(printf %s '{{ FlagFile }}' | base64 -d) || exit 1
IFS='
'

encoded() {
  printf %s "$1" | base64 | tr -d '\n'
}

values_of() {
  systemctl show --property="$1" -- "$2" | cut -d = -f 2- | tr ' ' '\n'
}

# Every unit that systemd stops when this one is stopped, whether or not what lies between runs:
# https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html (Requires=, Requisite=, BindsTo=, PartOf=, PropagatesStopTo=).
stopped_with() {
  seen="
$1
"
  left=$1
  while [ -n "$left" ]; do
    next=''
    for unit in $left; do
      for other in $(values_of RequiredBy,RequisiteOf,BoundBy,ConsistsOf,PropagatesStopTo "$unit"); do
        case "$seen" in
          *"
$other
"*) continue ;;
        esac
        seen="$seen$other
"
        next="$next$other
"
      done
    done
    left=$next
  done
  printf %s "$seen"
}

unknown=0
for service in $services; do
  name=$(printf %s "$service" | sha256sum | cut -c1-12)
  load=$(systemctl show --property=LoadState --value -- "$service")
  echo "lights-out service=$name load=$load state=$(systemctl show --property=ActiveState --value -- "$service")"
  [ "$load" = 'not-found' ] && unknown=1
  for other in $(stopped_with "$service"); do
    [ "$other" = "$service" ] && continue
    case "$(systemctl show --property=ActiveState --value -- "$other")" in
      inactive | failed) ;;
      *) echo "lights-out service=$name takes=$(encoded "$other")" ;;
    esac
  done
  # Sockets, timers and paths: https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html, "TriggeredBy=".
  for other in $(values_of TriggeredBy "$service"); do
    [ "$(systemctl show --property=ActiveState --value -- "$other")" = 'active' ] &&
      echo "lights-out service=$name wakes=$(encoded "$other")"
  done
done

if [ "$unknown" -eq 1 ]; then
  known=$(systemctl list-unit-files --type=service --no-legend --no-pager | cut -d ' ' -f 1 | head -c 8000)
  echo "lights-out known=$(encoded "$known")"
fi

if [ -n "$flag" ]; then
  there=none
  if [ -e "$flag" ] || [ -L "$flag" ]; then
    there=foreign
    if [ -f "$flag" ] && [ ! -L "$flag" ] && [ "$(head -c 64 -- "$flag")" = 'lights-out maintenance' ]; then there=ours; fi
  fi
  # What is not there yet is made below the nearest that is.
  above=$(dirname -- "$flag")
  while [ ! -e "$above" ] && [ "$above" != / ]; do above=$(dirname -- "$above"); done
  folder=ok
  if [ ! -d "$above" ]; then folder=none; elif [ ! -w "$above" ]; then folder=closed; fi
  filesystem=$(findmnt --noheadings --output FSTYPE --target "$above" 2>/dev/null | tail -n 1)
  echo "lights-out flag=$there folder=$folder filesystem=${filesystem:-unknown}"
fi
exit 0
