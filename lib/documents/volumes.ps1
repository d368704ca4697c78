# What a run has to do with a server's EBS volumes:
#   flush    writes the buffers of all files out, so that a snapshot holds what was written
#   record   flushes, then reads the files of the volumes
#   check    brings a restored volume online read-only and without a drive letter, reads its files, takes it offline
#   release  takes offline the copies that it is given: those that EC2 says are this run's and attached here
# Reading files means: a digest over the list of them, computed here. No name and no content leaves the server. Answers lines as
#   lights-out volumes=flushed
#   lights-out volume=<id> bytes=<size of the disk>
#   lights-out volume=<id> part=<number> filesystem=<type> files=<n> size=<bytes> digest=<SHA-256>
#   lights-out volume=<id> part=<number> skipped=<why it cannot be read>   or   failed=<what went wrong>
# Exit 0 means that every volume was looked at, not that all could be read: the caller judges the lines.
#
# Nothing is noted on the server: a file that says which disk to take offline could be planted by whoever may write to its folder.
# -ErrorAction Stop stands at each function of a module, since modules do not see a script's own $ErrorActionPreference:
# https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_scopes#modules
$ErrorActionPreference = 'Stop'
$action = '{{ Action }}'
$volumes = '{{ Volumes }}' -split ' ' | Where-Object { $_ }
$contents = '{{ Contents }}' -eq 'yes'
$sha = [System.Security.Cryptography.SHA256]::Create()

# The disk of a volume, by its serial number: vol0123456789abcdef0_00000001.
function Get-VolumeDisk([string]$volumeId) {
  $serial = $volumeId -replace '-', ''
  Get-Disk -ErrorAction Stop | Where-Object { $_.SerialNumber -and $_.SerialNumber.Trim().ToLowerInvariant().StartsWith($serial) } | Select-Object -First 1
}

function Write-Buffers {
  foreach ($volume in Get-Volume -ErrorAction Stop | Where-Object { $_.DriveType -eq 'Fixed' -and $_.FileSystem }) {
    Write-VolumeCache -Path $volume.Path -ErrorAction Stop
  }
  Write-Output 'lights-out volumes=flushed'
}

# What a file holds. Another program may have it open; an error ends the reading.
function Get-ContentHash([string]$path) {
  $stream = [System.IO.File]::Open($path, [System.IO.FileMode]::Open, [System.IO.FileAccess]::Read, [System.IO.FileShare]'ReadWrite, Delete')
  try { return [System.BitConverter]::ToString($sha.ComputeHash($stream)) } finally { $stream.Dispose() }
}

# Every file and folder with its attributes, time of change and, for a file, its size; with contents, what the files hold. Links and
# mounted folders (reparse points) are listed, not followed. Windows itself writes to some at any time. Who may read a file (its access
# control list) is not compared. NTFS writes the size of a file that is held open into its folder late; the services are stopped by then.
function Read-Files([string]$root) {
  # Not Archive, NotContentIndexed, Offline, Temporary: backup, search and storage software sets these.
  $compared = [System.IO.FileAttributes]'Directory, ReparsePoint, ReadOnly, Hidden, System, Compressed, Encrypted, SparseFile'
  $passedOver = @('System Volume Information', '$RECYCLE.BIN', 'pagefile.sys', 'swapfile.sys', 'hiberfil.sys')
  $entries = New-Object 'System.Collections.Generic.List[string]'
  $files = 0; $size = [long]0
  $open = New-Object 'System.Collections.Generic.Stack[System.IO.DirectoryInfo]'
  $open.Push([System.IO.DirectoryInfo]::new($root))
  while ($open.Count -gt 0) {
    foreach ($entry in $open.Pop().EnumerateFileSystemInfos()) {
      $name = $entry.FullName.Substring($root.Length)
      if ($passedOver -contains $name) { continue }
      $line = "$([int]($entry.Attributes -band $compared)) $($entry.LastWriteTimeUtc.Ticks)"
      if ($entry -is [System.IO.FileInfo]) {
        $files += 1; $size += $entry.Length
        $line += " $($entry.Length)"
        if ($contents) { $line += ' ' + (Get-ContentHash $entry.FullName) }
      } elseif (-not ($entry.Attributes -band [System.IO.FileAttributes]::ReparsePoint)) {
        $open.Push($entry)
      }
      $entries.Add("$name $line")
    }
  }
  $entries.Sort([System.StringComparer]::Ordinal)
  $list = [System.Security.Cryptography.SHA256]::Create()
  foreach ($entry in $entries) {
    $bytes = [System.Text.Encoding]::UTF8.GetBytes($entry + "`0")
    [void]$list.TransformBlock($bytes, 0, $bytes.Length, $null, 0)
  }
  [void]$list.TransformFinalBlock(@(), 0, 0)
  $digest = -join ($list.Hash | ForEach-Object { $_.ToString('x2') })
  return "files=$files size=$size digest=$digest"
}

function Read-Part([string]$volumeId, $partition) {
  $line = "lights-out volume=$volumeId part=$($partition.PartitionNumber)"
  if ($partition.Type -in @('Reserved', 'System', 'Recovery', 'Unknown')) { Write-Output "$line skipped=partition-$($partition.Type)"; return }
  $volume = Wait-Until { $partition | Get-Volume -ErrorAction SilentlyContinue | Where-Object { $_.FileSystem } }
  # A volume that BitLocker has locked shows no file system.
  if ($null -eq $volume) { Write-Output "$line skipped=no-file-system"; return }
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

# What a copy shows only some time after it was attached or brought online. The source's own is there, so it is asked for once.
function Wait-Until([scriptblock]$look) {
  for ($waited = 0; ; $waited += 1) {
    $found = & $look
    if ($found -or $action -ne 'check' -or $waited -ge 60) { return $found }
    Start-Sleep -Seconds 1
  }
}

function Read-Disk([string]$volumeId) {
  $disk = Wait-Until { Update-HostStorageCache; Get-VolumeDisk $volumeId }
  if ($null -eq $disk) { Write-Output "lights-out volume=$volumeId part=0 skipped=device-not-found"; return }
  Write-Output "lights-out volume=$volumeId bytes=$($disk.Size)"
  try {
    if ($action -eq 'check') { Enable-Copy $disk }
    $partitions = @(Wait-Until { Get-Partition -DiskNumber $disk.Number -ErrorAction SilentlyContinue })
    if ($partitions.Count -eq 0) { Write-Output "lights-out volume=$volumeId part=0 skipped=no-file-system" }
    foreach ($partition in $partitions) { Read-Part $volumeId $partition }
  } finally {
    if ($action -eq 'check') { Disable-Copy $volumeId }
  }
}

# A copy has the signature of its source. Windows keeps the second disk of one signature offline, and gives it another one when it is
# brought online, for which it must be writable: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/common-messages.html
function Enable-Copy($disk) {
  Deny-OwnDisk $disk
  Set-Disk -Number $disk.Number -IsReadOnly $false -ErrorAction Stop
  Set-Disk -Number $disk.Number -IsOffline $false -ErrorAction Stop
  # Windows mounts what comes online under the next free letters. The copy is read by the names of its volumes, so they are taken away.
  foreach ($partition in @(Wait-Until { Get-Partition -DiskNumber $disk.Number -ErrorAction SilentlyContinue })) {
    if ([int]$partition.DriveLetter -ne 0) {
      $partition | Remove-PartitionAccessPath -AccessPath "$($partition.DriveLetter):\" -ErrorAction Stop
    }
  }
  Set-Disk -Number $disk.Number -IsReadOnly $true -ErrorAction Stop
}

function Disable-Copy([string]$volumeId) {
  $disk = Get-VolumeDisk $volumeId
  if ($null -eq $disk -or $disk.IsOffline) { return }
  Deny-OwnDisk $disk
  Set-Disk -Number $disk.Number -IsOffline $true -ErrorAction Stop
}

# Whatever the caller says: the disk that Windows runs from is never a copy.
function Deny-OwnDisk($disk) {
  if ($disk.IsBoot -or $disk.IsSystem) { throw "disk $($disk.Number) is the one that Windows runs from, and no copy" }
}

if ($action -in @('flush', 'record')) { Write-Buffers }
if ($action -in @('record', 'check')) {
  foreach ($each in $volumes) { Read-Disk (($each -split ':')[0]) }
}
if ($action -eq 'release') {
  foreach ($each in $volumes) { Disable-Copy (($each -split ':')[0]) }
  Write-Output 'lights-out volumes=released'
}
