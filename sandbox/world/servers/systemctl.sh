#!/bin/sh
# Answers as systemctl does, for the units of one server of the sandbox. UNITS is the folder the supervisor keeps their states in.
units='@UNITS@'
verb='' block=1 value=0 property='' names='' options=1
while [ $# -gt 0 ]; do
  case "$1" in
    --no-block) block=0 ;;
    --type=service | --no-legend | --no-pager) ;;
    --value) value=1 ;;
    --property=*) property=${1#--property=} ;;
    -p) property=$2; shift ;;
    --) options=0 ;;
    -*)
      if [ "$options" -eq 1 ]; then
        echo "systemctl: unrecognized option '$1'" >&2
        exit 1
      fi
      names="$names$1
"
      ;;
    *)
      if [ -z "$verb" ]; then verb=$1; else
        names="$names$1
"
      fi
      ;;
  esac
  shift
done

state_of() {
  if [ -f "$units/$1" ]; then cat "$units/$1"; else echo inactive; fi
}

enabled_of() {
  if [ -f "$units.relations/$1 disabled" ]; then echo disabled; else echo enabled; fi
}

if [ "$verb" = list-unit-files ]; then
  for unit in "$units"/*; do
    unit=${unit##*/}
    case "$unit" in *.socket | *.timer) continue ;; esac
    printf '%s.service %s enabled\n' "$unit" "$(enabled_of "$unit")"
  done
  exit 0
fi

code=0
set -f
IFS='
'
for name in $names; do
  name=${name%.service}
  case "$verb" in
    is-active)
      state=$(state_of "$name")
      echo "$state"
      [ "$state" = active ] || code=3
      ;;
    show)
      case "$property" in
        LoadState) answer=$([ -f "$units/$name" ] && echo loaded || echo not-found) ;;
        ActiveState) answer=$(state_of "$name") ;;
        UnitFileState) answer=$([ -f "$units/$name" ] && enabled_of "$name") ;;
        # What the world has put there: a file a unit and relation, with names in it.
        RequiredBy,*) property=RequiredBy answer=$(cat "$units.relations/$name RequiredBy" 2>/dev/null) ;;
        TriggeredBy) answer=$(cat "$units.relations/$name TriggeredBy" 2>/dev/null) ;;
        *) answer='' ;;
      esac
      if [ "$value" -eq 1 ]; then echo "$answer"; else echo "$property=$answer"; fi
      ;;
    start | stop)
      if [ ! -f "$units/$name" ]; then
        printf 'Failed to %s %s.service: Unit %s.service not found.\n' "$verb" "$name" "$name" >&2
        code=5
        continue
      fi
      : >"$units.requests/$$ $verb $name"
      while [ "$block" -eq 1 ]; do
        sleep 1
        state=$(state_of "$name")
        case "$verb/$state" in stop/inactive | stop/failed | start/active) break ;; esac
        # As systemd words it: https://www.freedesktop.org/software/systemd/man/latest/systemctl.html, "Exit status".
        if [ "$verb/$state" = start/failed ]; then
          echo "Job for $name.service failed." >&2
          code=1
          break
        fi
      done
      ;;
    *) echo "Unknown command verb $verb." >&2; exit 1 ;;
  esac
done
exit $code
