# Stops or starts services, or says their state; answers one line a service, and one for people:
#   lights-out service=<fingerprint> state=<active|inactive|failed|changing|unknown>
#   service <name> is <state>
# A fingerprint is the first 12 digits of the SHA-256 of the name.
# Exit 0 means that every service could be looked at, not that it is as wished: the caller judges the states.
# Exit 3: a name that this system does not have; nothing was done.
$ErrorActionPreference = 'Stop'
# A quote in a name is handed to sc.exe as older PowerShells do it: escaped below, the same in all versions.
$PSNativeCommandArgumentPassing = 'Legacy'
$action = '{{ Action }}'
$waitSeconds = [int]'{{ WaitSeconds }}'
# One name a line. Names come encoded, so that PowerShell reads nothing into them.
$services = @([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('{{ Services }}')).Split([char]10))
# Fingerprints of the services that this document may touch.
$own = '@OWN@'.Split(' ')

function Get-Fingerprint([string]$name) {
  $sha = [Security.Cryptography.SHA256]::Create()
  $digest = $sha.ComputeHash([Text.Encoding]::UTF8.GetBytes($name))
  return [BitConverter]::ToString($digest).Replace('-', '').ToLowerInvariant().Substring(0, 12)
}

foreach ($name in $services) {
  if ($own -notcontains (Get-Fingerprint $name)) {
    [Console]::Error.WriteLine("service $name is none of this system: nothing was done")
    exit 3
  }
}

# The service of exactly this name: Get-Service reads patterns.
function Find-Service([string]$name) {
  return Get-Service -Name ([Management.Automation.WildcardPattern]::Escape($name)) -ErrorAction SilentlyContinue |
    Where-Object { $_.Name -eq $name } | Select-Object -First 1
}

function Get-State([string]$name) {
  $service = Find-Service $name
  if ($null -eq $service) { return 'unknown' }
  switch ($service.Status) {
    'Running' { return 'active' }
    'Paused' { return 'active' }
    'Stopped' { return 'inactive' }
    default { return 'changing' }
  }
}

function Test-Settled([string]$state) {
  if ($action -eq 'stop') { return $state -notin @('active', 'changing') }
  return $state -notin @('inactive', 'changing')
}

if ($action -ne 'status') {
  foreach ($name in $services) {
    $service = Find-Service $name
    if ($null -eq $service) { continue }
    try {
      # The service controller is only told: a service that hangs must not make the command hang. Not Stop-Service -Force, which stops what
      # depends on a service too, listed or not, and not Stop(), which does the same. sc.exe is refused while a dependent runs (error 1051).
      # https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-controlservice
      if ($action -eq 'stop' -and $service.Status -ne 'Stopped') {
        $answer = & "$env:SystemRoot\System32\sc.exe" stop $name.Replace('"', '\"')
        if ($LASTEXITCODE -ne 0) { throw "sc.exe ended with $LASTEXITCODE" + $(if ($LASTEXITCODE -eq 1051) { ': services that depend on it run' }) }
      }
      if ($action -eq 'start' -and $service.Status -eq 'Stopped') { $service.Start() }
    } catch {
      [Console]::Error.WriteLine("$action of $name was refused: $($_.Exception.Message)")
    }
  }
}

$waited = 0
while ($action -ne 'status' -and $waited -lt $waitSeconds) {
  $open = @($services | Where-Object { -not (Test-Settled (Get-State $_)) })
  if ($open.Count -eq 0) { break }
  Start-Sleep -Seconds 1
  $waited += 1
}

foreach ($name in $services) {
  $state = Get-State $name
  Write-Output "lights-out service=$(Get-Fingerprint $name) state=$state"
  Write-Output "service $name is $state"
}
