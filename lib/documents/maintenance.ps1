# Switches maintenance mode: makes or removes the flag file and looks whether it is so. Answers lights-out maintenance=<on|off>.
# Exit 3: another path than this system's; nothing was done.
# Exit 4: something stands at the path that Lights Out did not make; nothing was done.
$ErrorActionPreference = 'Stop'
$action = '{{ Action }}'
# The path comes encoded, so that PowerShell reads nothing into it.
$flag = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('{{ FlagFile }}'))
# Fingerprint of the one path that this document may touch.
$own = '@OWN@'
# What a flag file of Lights Out holds.
$mark = 'lights-out maintenance'

$sha = [Security.Cryptography.SHA256]::Create()
$digest = [BitConverter]::ToString($sha.ComputeHash([Text.Encoding]::UTF8.GetBytes($flag))).Replace('-', '').ToLowerInvariant()
if ($digest.Substring(0, 12) -ne $own) {
  [Console]::Error.WriteLine("$flag is not the flag file of this system: nothing was done")
  exit 3
}

# A regular file of ours. A link is not: what it leads to may be anybody's.
function Test-Ours {
  $item = Get-Item -LiteralPath $flag -Force
  if ($item.PSIsContainer -or ($item.Attributes -band [IO.FileAttributes]::ReparsePoint) -or $item.Length -gt 64) { return $false }
  return [IO.File]::ReadAllText($flag).Trim() -eq $mark
}

if (Test-Path -LiteralPath $flag) {
  if (-not (Test-Ours)) {
    [Console]::Error.WriteLine("$flag stands there and was not made by Lights Out: look at it, and move it away")
    exit 4
  }
  if ($action -eq 'off') { Remove-Item -LiteralPath $flag -Force }
} elseif ($action -eq 'on') {
  [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($flag)) | Out-Null
  # CreateNew: a file that appears just now is not written over.
  $file = [IO.File]::Open($flag, [IO.FileMode]::CreateNew, [IO.FileAccess]::Write)
  try {
    $bytes = [Text.Encoding]::ASCII.GetBytes("$mark`r`n")
    $file.Write($bytes, 0, $bytes.Length)
  } finally {
    $file.Dispose()
  }
}

if (Test-Path -LiteralPath $flag) { Write-Output 'lights-out maintenance=on' } else { Write-Output 'lights-out maintenance=off' }
