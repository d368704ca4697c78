# Writes the buffers of all files out, so that a snapshot of the volumes holds what was written. Answers lights-out volumes=flushed.
$ErrorActionPreference = 'Stop'
$action = '{{ Action }}'

if ($action -eq 'flush') {
  # Volumes that take no writes (an empty drive, a read-only disk) have nothing to write out.
  foreach ($volume in Get-Volume | Where-Object { $_.DriveType -eq 'Fixed' -and $_.FileSystem }) {
    Write-VolumeCache -Path $volume.Path
  }
  Write-Output 'lights-out volumes=flushed'
}
