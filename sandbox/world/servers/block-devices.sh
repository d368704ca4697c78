#!/bin/sh
# Answers as lsblk, blkid, findmnt, mount and umount do, for the EBS volumes of one server of the sandbox, whose file systems are folders.
# A line of devices: name|serial|bytes|type|folder|mount point (empty: not mounted). A line of mounts: device|target.
devices='@DEVICES@'
mounts='@DEVICES@.mounts'
program=${0##*/}
touch "$mounts"

refuse() {
  echo "$program: $1" >&2
  exit 32
}

# The value of an option: `--output NAME` of the arguments.
option() {
  wanted=$1
  shift
  while [ $# -gt 1 ]; do
    if [ "$1" = "$wanted" ]; then
      echo "$2"
      return
    fi
    shift
  done
}

last() {
  for argument; do :; done
  echo "$argument"
}

field() { grep "^${1#/dev/}|" "$devices" | cut -d '|' -f "$2"; }

# mount and umount put a link in the place of the folder, and the folder back.
put() {
  rmdir "$2" 2>/dev/null || refuse "$2: mount point is not an empty folder"
  ln -s "$1" "$2"
  echo "$3|$2" >>"$mounts"
}

case "$program" in
  lsblk)
    case "$(option --output "$@")" in
      NAME,SERIAL) cut -d '|' -f 1,2 "$devices" | tr '|' ' ' ;;
      SIZE) field "$(last "$@")" 3 ;;
      NAME,TYPE) echo "$(last "$@") disk" ;;
      *) refuse 'these columns are not played' ;;
    esac
    ;;
  blkid)
    type=$(field "$(last "$@")" 4)
    [ -n "$type" ] || exit 2
    echo "$type"
    ;;
  findmnt)
    if [ -n "$(option --target "$@")" ]; then
      # The file system of a folder: that of a disk, unless the world says otherwise.
      if [ -f '@DEVICES@.in-memory' ]; then echo tmpfs; else echo xfs; fi
      exit 0
    fi
    source=$(option --source "$@")
    if [ -n "$source" ]; then
      target=$(field "$source" 6)
      [ -n "$target" ] || exit 1
      echo "/      $target"
    else
      cut -d '|' -f 6 "$devices" | grep . || true
      cut -d '|' -f 2 "$mounts"
    fi
    ;;
  mount)
    options=$(option -o "$@")
    case "$*" in
      --bind\ *) put "$(readlink -f "$2")" "$3" bind ;;
      *remount,bind,ro*) exit 0 ;;
      *)
        set -- "$(last "$@")" "$@"
        target=$1
        device=$(echo "$*" | grep -o '/dev/[a-z0-9]*' | head -n 1)
        case ",$options," in *,ro,*) ;; *) refuse 'a copy is mounted read-only, or not at all' ;; esac
        type=$(field "$device" 4)
        [ -n "$type" ] || refuse "$target: wrong fs type, bad option, bad superblock on $device"
        # The copy has the UUID of its source, and XFS does not mount the same one twice.
        case "$type,$options," in
          xfs,*,nouuid,*) ;;
          xfs,*) refuse "$target: wrong fs type, bad option, bad superblock on $device" ;;
        esac
        put "$(field "$device" 5)" "$target" "$device"
        ;;
    esac
    ;;
  umount)
    target=$(last "$@")
    grep -q "|$target\$" "$mounts" || refuse "$target: not mounted."
    grep -v "|$target\$" "$mounts" >"$mounts.new" || true
    mv "$mounts.new" "$mounts"
    rm "$target"
    mkdir "$target"
    ;;
esac
