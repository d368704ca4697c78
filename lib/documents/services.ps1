# Stops or starts services, or says their state; answers one line a service:
#   lights-out service=<name> state=<active|inactive|failed|changing|unknown>
# Exit 0 means that every service could be looked at, not that it is as wished: the caller judges the states.
$ErrorActionPreference = 'Stop'
$action = '{{ Action }}'
$services = '{{ Services }}' -split ' '
$waitSeconds = [int]'{{ WaitSeconds }}'

function Get-State([string]$name) {
  $service = Get-Service -Name $name -ErrorAction SilentlyContinue
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
    $service = Get-Service -Name $name -ErrorAction SilentlyContinue
    if ($null -eq $service) { continue }
    try {
      # The service controller is only told: a service that hangs must not make the command hang. Not Stop-Service -Force, which stops what
      # depends on a service too, listed or not, and not Stop(), which does the same. sc.exe is refused while a dependent runs (error 1051).
      # https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-controlservice
      if ($action -eq 'stop' -and $service.Status -ne 'Stopped') {
        $answer = & "$env:SystemRoot\System32\sc.exe" stop $name
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
  Write-Output "lights-out service=$name state=$(Get-State $name)"
}
