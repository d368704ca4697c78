# What a run has to do with a server's EBS volumes:
#   flush    writes the buffers of all files out, so that a snapshot holds what was written
#   record   flushes, then reads the files of the volumes
#   check    brings a restored volume online read-only at a folder of its own, reads its files, takes it offline
#   release  takes offline what a check that was cut off has left
# Reading files means: a digest over the list of them, computed here. No name and no content leaves the server. Answers lines as
#   lights-out volumes=flushed
#   lights-out volume=<id> bytes=<size of the disk>
#   lights-out volume=<id> part=<number> filesystem=<type> files=<n> size=<bytes> digest=<SHA-256>
#   lights-out volume=<id> part=<number> skipped=<why it cannot be read>   or   failed=<what went wrong>
# Exit 0 means that every volume was looked at, not that all could be read: the caller judges the lines.
$ErrorActionPreference = 'Stop'
$action = '{{ Action }}'
$volumes = '{{ Volumes }}' -split ' ' | Where-Object { $_ }
$contents = '{{ Contents }}' -eq 'yes'
# The folder of the document's parameter is one of Linux; its last part, the run, names ours.
$directory = Join-Path $env:ProgramData ('LightsOut\' + ('{{ Directory }}' -split '/')[-1])

# The disk of a volume, by its serial number: vol0123456789abcdef0_00000001.
function Get-VolumeDisk([string]$volumeId) {
  $serial = $volumeId -replace '-', ''
  Get-Disk | Where-Object { $_.SerialNumber -and $_.SerialNumber.Trim().ToLowerInvariant().StartsWith($serial) } | Select-Object -First 1
}

function Write-Buffers {
  foreach ($volume in Get-Volume | Where-Object { $_.DriveType -eq 'Fixed' -and $_.FileSystem }) {
    Write-VolumeCache -Path $volume.Path
  }
  Write-Output 'lights-out volumes=flushed'
}

# Every file and folder with its attributes, time of change and, for a file, its size; with contents, what the files hold. Links and
# mounted folders (reparse points) are listed, not followed. Windows itself writes to some at any time.
function Read-Files([string]$root) {
  $passedOver = @('System Volume Information', '$RECYCLE.BIN', 'pagefile.sys', 'swapfile.sys', 'hiberfil.sys')
  $entries = New-Object 'System.Collections.Generic.List[string]'
  $files = 0; $size = [long]0
  $open = New-Object 'System.Collections.Generic.Stack[System.IO.DirectoryInfo]'
  $open.Push([System.IO.DirectoryInfo]::new($root))
  while ($open.Count -gt 0) {
    foreach ($entry in $open.Pop().EnumerateFileSystemInfos()) {
      $name = $entry.FullName.Substring($root.Length)
      if ($passedOver -contains $name) { continue }
      $kind = [int]($entry.Attributes -band ([System.IO.FileAttributes]::Directory -bor [System.IO.FileAttributes]::ReparsePoint))
      $line = "$kind $($entry.LastWriteTimeUtc.Ticks)"
      if ($entry -is [System.IO.FileInfo]) {
        $files += 1; $size += $entry.Length
        $line += " $($entry.Length)"
        if ($contents) { $line += ' ' + (Get-FileHash -LiteralPath $entry.FullName -Algorithm SHA256).Hash }
      } elseif (-not ($entry.Attributes -band [System.IO.FileAttributes]::ReparsePoint)) {
        $open.Push($entry)
      }
      $entries.Add("$name $line")
    }
  }
  $entries.Sort([System.StringComparer]::Ordinal)
  $sha = [System.Security.Cryptography.SHA256]::Create()
  foreach ($entry in $entries) {
    $bytes = [System.Text.Encoding]::UTF8.GetBytes($entry + "`0")
    [void]$sha.TransformBlock($bytes, 0, $bytes.Length, $null, 0)
  }
  [void]$sha.TransformFinalBlock(@(), 0, 0)
  $digest = -join ($sha.Hash | ForEach-Object { $_.ToString('x2') })
  return "files=$files size=$size digest=$digest"
}

function Read-Part([string]$volumeId, $partition) {
  $line = "lights-out volume=$volumeId part=$($partition.PartitionNumber)"
  if ($partition.Type -in @('Reserved', 'System', 'Recovery', 'Unknown')) { Write-Output "$line skipped=partition-$($partition.Type)"; return }
  $volume = $partition | Get-Volume -ErrorAction SilentlyContinue
  # A volume that BitLocker has locked shows no file system.
  if ($null -eq $volume -or -not $volume.FileSystem) { Write-Output "$line skipped=no-file-system"; return }
  $type = $volume.FileSystem
  if ($type -notin @('NTFS', 'ReFS')) { Write-Output "$line skipped=file-system-$type"; return }
  # Unlocked here, locked on every copy.
  if (Get-Command Get-BitLockerVolume -ErrorAction SilentlyContinue) {
    $protection = Get-BitLockerVolume -MountPoint $volume.Path -ErrorAction SilentlyContinue
    if ($protection -and $protection.VolumeStatus -ne 'FullyDecrypted') { Write-Output "$line skipped=encrypted-by-the-server"; return }
  }
  try {
    Write-Output "$line filesystem=$type $(Read-Files $volume.Path)"
  } catch {
    [Console]::Error.WriteLine("reading failed: $($_.Exception.GetType().Name)")
    Write-Output "$line filesystem=$type failed=read"
  }
}

function Read-Disk([string]$volumeId) {
  $disk = Get-VolumeDisk $volumeId
  for ($waited = 0; $null -eq $disk -and $action -eq 'check' -and $waited -lt 60; $waited += 1) {
    Start-Sleep -Seconds 1
    Update-HostStorageCache
    $disk = Get-VolumeDisk $volumeId
  }
  if ($null -eq $disk) { Write-Output "lights-out volume=$volumeId part=0 skipped=device-not-found"; return }
  Write-Output "lights-out volume=$volumeId bytes=$($disk.Size)"
  if ($action -eq 'check') {
    # Its signature is that of its source: Windows gives the copy another one when it brings it online.
    New-Item -ItemType File -Force -Path (Join-Path $directory $volumeId) | Out-Null
    Set-Disk -Number $disk.Number -IsOffline $false
    Set-Disk -Number $disk.Number -IsReadOnly $true
  }
  try {
    $partitions = @(Get-Partition -DiskNumber $disk.Number -ErrorAction SilentlyContinue)
    if ($partitions.Count -eq 0) { Write-Output "lights-out volume=$volumeId part=0 skipped=no-file-system" }
    foreach ($partition in $partitions) { Read-Part $volumeId $partition }
  } finally {
    if ($action -eq 'check') { Disable-Copy $volumeId }
  }
}

# Only disks that a check of this run has noted down are ever taken offline.
function Disable-Copy([string]$volumeId) {
  $disk = Get-VolumeDisk $volumeId
  if ($null -ne $disk -and -not $disk.IsOffline) { Set-Disk -Number $disk.Number -IsOffline $true }
  Remove-Item -LiteralPath (Join-Path $directory $volumeId) -Force -ErrorAction SilentlyContinue
}

if ($action -in @('flush', 'record')) { Write-Buffers }
if ($action -in @('record', 'check')) {
  New-Item -ItemType Directory -Force -Path $directory | Out-Null
  foreach ($each in $volumes) { Read-Disk (($each -split ':')[0]) }
}
if ($action -eq 'release') {
  if (Test-Path -LiteralPath $directory) {
    foreach ($left in Get-ChildItem -LiteralPath $directory -File) { Disable-Copy $left.Name }
  }
  Write-Output 'lights-out volumes=released'
}
if ((Test-Path -LiteralPath $directory) -and -not (Get-ChildItem -LiteralPath $directory)) { Remove-Item -LiteralPath $directory }
