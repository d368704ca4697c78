#!/bin/sh
# What a run has to do with a server's EBS volumes:
#   flush    writes the buffers of all files out, so that a snapshot holds what was written
#   record   flushes, then reads the files of mounted volumes
#   check    mounts a restored volume read-only in a folder of its own, reads its files, unmounts it
#   release  unmounts what a check that was cut off has left
# Reading files means: a digest over the list of them, computed here. No name and no content leaves the server. Answers lines as
#   lights-out volumes=flushed
#   lights-out volume=<id> bytes=<size of the device>
#   lights-out volume=<id> part=<0 or the partition> filesystem=<type> files=<n> size=<bytes> digest=<SHA-256>
#   lights-out volume=<id> part=<…> skipped=<why it cannot be read>   or   failed=<what went wrong>
# Exit 0 means that every volume was looked at, not that all could be read: the caller judges the lines.
set -u
action='{{ Action }}'
volumes='{{ Volumes }}'
directory='{{ Directory }}'
contents='{{ Contents }}'
LC_ALL=C
export LC_ALL

# The device of a volume: by its serial number (NVMe), else by the name it was attached under (Xen).
device_of() {
  serial=$(echo "$1" | tr -d '-')
  lsblk --nodeps --noheadings --raw --output NAME,SERIAL | while read -r name found; do
    if [ "$found" = "$serial" ]; then echo "/dev/$name"; fi
  done | head -n 1 | grep . && return
  for name in "$2" "xvd${2#sd}"; do
    if [ -b "/dev/$name" ]; then echo "/dev/$name"; return; fi
  done
}

# Where a file system is mounted as a whole, not one of its folders.
mounted_at() {
  findmnt --noheadings --list --output FSROOT,TARGET --source "$1" 2>/dev/null | sed -n 's/^\/ \{1,\}//p' | head -n 1
}

# Every file, folder and link with its kind, mode, owner, time of change and, for a file, its size; with contents, what the files hold.
# Prints `files=<n> size=<bytes> digest=<…>`. False when anything could not be read: a part of a list is no list.
read_files() {
  cd "$1" || return 1
  status="$work/status"
  : >"$status"
  digest=$(
    {
      {
        find . -xdev \( -type f -printf 'f %m %U %G %T@ %s %P\0' \) -o -printf '%y %m %U %G %T@ %l %P\0' || echo find >>"$status"
      } | { sort -z || echo sort >>"$status"; }
      if [ "$contents" = 'yes' ]; then
        { find . -xdev -type f -print0 || echo find >>"$status"; } | { sort -z || echo sort >>"$status"; } |
          { xargs -0 -r sha256sum -- || echo contents >>"$status"; }
      fi
    } | sha256sum | cut -d ' ' -f 1
  )
  counted=$({ find . -xdev -type f -printf '%s\n' || echo find >>"$status"; } | awk '{ n += 1; b += $1 } END { printf "files=%.0f size=%.0f", n, b }')
  cd / || return 1
  [ ! -s "$status" ] && [ ${#digest} -eq 64 ] || return 1
  echo "$counted digest=$digest"
}

# Mounts a file system's own tree (without what is mounted inside it) at $work/tree. $1: record or check, $2: device, $3: type.
mount_tree() {
  mkdir -p "$work/tree" || return 1
  if [ "$1" = 'record' ]; then
    mount --bind "$(mounted_at "$2")" "$work/tree" && mount -o remount,bind,ro "$work/tree"
    return
  fi
  # A copy has the UUID of its source, which XFS refuses to mount beside it. The journal is replayed first, as at any restore.
  case "$3" in
    xfs) options='ro,nouuid,nodev,nosuid,noexec' ;;
    *) options='ro,nodev,nosuid,noexec' ;;
  esac
  mount -t "$3" -o "$options" "$2" "$work/tree"
}

# One disk or partition. $1: volume, $2: device, $3: part.
read_part() {
  line="lights-out volume=$1 part=$3"
  type=$(blkid -p -s TYPE -o value "$2" 2>/dev/null)
  case "$type" in
    xfs | ext2 | ext3 | ext4) ;;
    '') echo "$line skipped=no-file-system"; return ;;
    LVM2_member) echo "$line skipped=lvm"; return ;;
    linux_raid_member) echo "$line skipped=software-raid"; return ;;
    crypto_LUKS | BitLocker) echo "$line skipped=encrypted-by-the-server"; return ;;
    swap) echo "$line skipped=swap"; return ;;
    *) echo "$line skipped=file-system-$(echo "$type" | tr -c 'A-Za-z0-9\n' '-')"; return ;;
  esac
  if [ "$action" = 'record' ] && [ -z "$(mounted_at "$2")" ]; then
    echo "$line skipped=not-mounted"
    return
  fi
  if ! mount_tree "$action" "$2" "$type"; then
    umount "$work/tree" 2>/dev/null
    echo "$line filesystem=$type failed=mount"
    return
  fi
  if answer=$(read_files "$work/tree"); then
    echo "$line filesystem=$type $answer"
  else
    echo "$line filesystem=$type failed=read"
  fi
  umount "$work/tree" || umount --lazy "$work/tree"
}

read_volume() {
  # A device that was just attached takes a moment to appear.
  waited=0
  device=$(device_of "$1" "$2")
  while [ -z "$device" ] && [ "$action" = 'check' ] && [ "$waited" -lt 60 ]; do
    sleep 1
    waited=$((waited + 1))
    device=$(device_of "$1" "$2")
  done
  if [ -z "$device" ]; then
    echo "lights-out volume=$1 part=0 skipped=device-not-found"
    return
  fi
  echo "lights-out volume=$1 bytes=$(lsblk --bytes --nodeps --noheadings --output SIZE "$device" | tr -d ' ')"
  parts=$(lsblk --noheadings --raw --paths --output NAME,TYPE "$device" | sed -n 's/ part$//p')
  if [ -z "$parts" ]; then
    read_part "$1" "$device" 0
    return
  fi
  number=0
  for part in $parts; do
    number=$((number + 1))
    read_part "$1" "$part" "$number"
  done
}

release() {
  findmnt --noheadings --list --output TARGET | grep "^$directory/" | while read -r target; do
    umount "$target" || umount --lazy "$target" || exit 1
  done || exit 1
  # Only empty folders are removed, so that nothing of a volume can be, whatever is still mounted.
  for left in "$directory"/*; do
    rmdir "$left/tree" 2>/dev/null
    rm -f "$left/status"
    rmdir "$left" 2>/dev/null
  done
  rmdir "$directory" 2>/dev/null
  echo 'lights-out volumes=released'
}

case "$action" in
  flush | record)
    sync || exit 1
    echo 'lights-out volumes=flushed'
    ;;
esac
case "$action" in
  record | check)
    for tool in lsblk findmnt blkid sha256sum awk; do
      command -v "$tool" >/dev/null || { echo "$tool is missing" >&2; exit 1; }
    done
    umask 077
    mkdir -p "$directory" || exit 1
    work=$(mktemp -d "$directory/XXXXXX") || exit 1
    trap 'umount "$work/tree" 2>/dev/null; rmdir "$work/tree" 2>/dev/null; rm -f "$work/status"; rmdir "$work" "$directory" 2>/dev/null' EXIT
    for each in $volumes; do
      read_volume "${each%%:*}" "${each#*:}"
    done
    ;;
  release) release ;;
esac
