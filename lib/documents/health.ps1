# Runs the program of a health check; answers lights-out health=<exit code of the program>, or health=late when it does not end within 10 s.
# Exit 0 means that the program was run, not that it is content. The program's exit code is never this script's: the agent reads 3010 as
# "restart the server" (https://docs.aws.amazon.com/systems-manager/latest/userguide/send-commands-reboot.html).
# Exit 3: a check that this system does not have on this platform; nothing was done.
$ErrorActionPreference = 'Stop'
$check = '{{ Check }}'
# <fingerprint of the check's name>:<path of its program>, separated by a blank. Paths come encoded, so that PowerShell reads nothing into them.
$own = '@OWN@'.Split(' ')

$program = ''
foreach ($each in $own) {
  $parts = $each.Split(':')
  if ($parts.Count -eq 2 -and $parts[0] -eq $check) {
    $program = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($parts[1]))
  }
}
if ($program -eq '') {
  [Console]::Error.WriteLine("check $check is none of this system: nothing was done")
  exit 3
}

# 127 as on Linux: there is no such program.
if (-not (Test-Path -LiteralPath $program -PathType Leaf)) {
  Write-Output 'lights-out health=127'
  exit 0
}

$start = New-Object Diagnostics.ProcessStartInfo
$start.UseShellExecute = $false
$start.CreateNoWindow = $true
$start.RedirectStandardOutput = $true
$start.RedirectStandardError = $true
if ([IO.Path]::GetExtension($program) -eq '.ps1') {
  # A path holds no quote: Windows allows none.
  $start.FileName = "$env:SystemRoot\System32\WindowsPowerShell\v1.0\powershell.exe"
  $start.Arguments = '-NoProfile -NonInteractive -ExecutionPolicy Bypass -File "' + $program + '"'
} else {
  $start.FileName = $program
}
$process = $null
try {
  $process = [Diagnostics.Process]::Start($start)
} catch {
  [Console]::Error.WriteLine("the program cannot be run: $($_.Exception.Message)")
}
# 126 as on Linux: it cannot be executed.
if ($null -eq $process) {
  Write-Output 'lights-out health=126'
  exit 0
}
# What the program prints is read, so that it does not wait, and not kept: it may hold a secret.
$process.BeginOutputReadLine()
$process.BeginErrorReadLine()
if ($process.WaitForExit(10000)) {
  Write-Output "lights-out health=$($process.ExitCode)"
} else {
  $process.Kill()
  Write-Output 'lights-out health=late'
}
exit 0
