# Looks at what a run would meet on this server, and changes nothing. Texts are base64 of their UTF-8; a fingerprint is the first 12 digits
# of the SHA-256 of a name. Answers lines as
#   lights-out service=<fingerprint> load=<loaded|not-found|disabled> state=<active|inactive|changing>
#   lights-out service=<fingerprint> takes=<service that runs and depends on it>
#   lights-out service=<fingerprint> wakes=<what starts it>
#   lights-out known=<the services of this server, one a line: when one is not known>
#   lights-out flag=<none|ours|foreign> folder=<ok|none|closed> filesystem=<type of the drive>
$ErrorActionPreference = 'Stop'
$services = @([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('{{ Services }}')).Split([char]10) | Where-Object { $_ -ne '' })
$flag = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('{{ FlagFile }}'))

function Get-Fingerprint([string]$name) {
  $sha = [Security.Cryptography.SHA256]::Create()
  $digest = $sha.ComputeHash([Text.Encoding]::UTF8.GetBytes($name))
  return [BitConverter]::ToString($digest).Replace('-', '').ToLowerInvariant().Substring(0, 12)
}

function ConvertTo-Data([string]$text) {
  return [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($text))
}

# The service of exactly this name: Get-Service reads patterns.
function Find-Service([string]$name) {
  return Get-Service -Name ([Management.Automation.WildcardPattern]::Escape($name)) -ErrorAction SilentlyContinue |
    Where-Object { $_.Name -eq $name } | Select-Object -First 1
}

function Get-State($service) {
  switch ($service.Status) {
    'Running' { return 'active' }
    'Paused' { return 'active' }
    'Stopped' { return 'inactive' }
    default { return 'changing' }
  }
}

# Every service that runs and depends on this one, at any distance: Windows refuses the stop while one of them runs.
function Get-Dependent($service, [string[]]$seen) {
  foreach ($other in $service.DependentServices) {
    if ($seen -contains $other.Name) { continue }
    $seen += $other.Name
    if ($other.Status -ne 'Stopped') { Write-Output $other.Name }
    Get-Dependent $other $seen
  }
}

$unknown = $false
foreach ($name in $services) {
  $print = Get-Fingerprint $name
  $service = Find-Service $name
  if ($null -eq $service) {
    $unknown = $true
    Write-Output "lights-out service=$print load=not-found state=inactive"
    continue
  }
  $load = if ($service.StartType -eq 'Disabled') { 'disabled' } else { 'loaded' }
  Write-Output "lights-out service=$print load=$load state=$(Get-State $service)"
  foreach ($other in @(Get-Dependent $service @($service.Name) | Select-Object -Unique)) {
    Write-Output "lights-out service=$print takes=$(ConvertTo-Data $other)"
  }
  # A trigger whose action is 1 starts the service: https://learn.microsoft.com/windows/win32/api/winsvc/ns-winsvc-service_trigger
  $triggers = "HKLM:\SYSTEM\CurrentControlSet\Services\$name\TriggerInfo"
  if (Test-Path -LiteralPath $triggers) {
    $starting = @(Get-ChildItem -LiteralPath $triggers | Where-Object { $_.GetValue('Action') -eq 1 })
    if ($starting.Count -gt 0) { Write-Output "lights-out service=$print wakes=$(ConvertTo-Data 'a trigger of Windows')" }
  }
}

if ($unknown) {
  $known = (@(Get-Service | ForEach-Object { $_.Name }) -join "`n")
  if ($known.Length -gt 8000) { $known = $known.Substring(0, 8000) }
  Write-Output "lights-out known=$(ConvertTo-Data $known)"
}

if ($flag -ne '') {
  $there = 'none'
  if (Test-Path -LiteralPath $flag) {
    $there = 'foreign'
    $item = Get-Item -LiteralPath $flag -Force
    if (-not $item.PSIsContainer -and -not ($item.Attributes -band [IO.FileAttributes]::ReparsePoint) -and $item.Length -le 64) {
      if ([IO.File]::ReadAllText($flag).Trim() -eq 'lights-out maintenance') { $there = 'ours' }
    }
  }
  # What is not there yet is made below the nearest that is.
  $above = [IO.Path]::GetDirectoryName($flag)
  while ($above -and -not (Test-Path -LiteralPath $above)) { $above = [IO.Path]::GetDirectoryName($above) }
  $folder = 'ok'
  if (-not $above -or -not (Test-Path -LiteralPath $above -PathType Container)) { $folder = 'none' }
  $drive = New-Object IO.DriveInfo ([IO.Path]::GetPathRoot($flag))
  if ($drive.DriveType -eq 'CDRom') { $folder = 'closed' }
  Write-Output "lights-out flag=$there folder=$folder filesystem=$($drive.DriveType)"
}
exit 0
