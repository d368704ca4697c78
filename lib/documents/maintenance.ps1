# Switches maintenance mode: makes or removes the flag file and looks whether it is so. Answers lights-out maintenance=<on|off>.
$ErrorActionPreference = 'Stop'
$action = '{{ Action }}'
$flag = '{{ FlagFile }}'

if ($action -eq 'on') {
  New-Item -ItemType Directory -Force -Path (Split-Path -Parent $flag) | Out-Null
  New-Item -ItemType File -Force -Path $flag | Out-Null
} elseif (Test-Path -LiteralPath $flag) {
  Remove-Item -LiteralPath $flag -Force
}

if (Test-Path -LiteralPath $flag) { Write-Output 'lights-out maintenance=on' } else { Write-Output 'lights-out maintenance=off' }
