type Platform = 'linux' | 'windows';

/** A problem with a name or a path of a server, in words that end in an example. Undefined when there is none. */
type Problem = string | undefined;

/** Characters that are invisible or read as the end of a line. No name holds them. */
const CONTROL = /\p{Cc}|[\u2028\u2029]/u;

/**
 * The longest name of a systemd unit: https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html. `systemctl` itself escapes
 * other characters (`unit_name_mangle` in systemd's src/basic/unit-name.c), but a pattern would stop every unit that matches.
 */
const UNIT_BYTES = 255;

/**
 * Names of Windows services have at most 256 characters, no slash and no backslash. Windows compares them without regard to case.
 * https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-createservicew
 */
const WINDOWS_SERVICE_CHARACTERS = 256;

/** The problem that the platform's service manager has with that name. */
export function problemOfService(name: string, platform: Platform): Problem {
  const found = `found ${JSON.stringify(name)}`;
  if (name.trim() !== name || name === '' || CONTROL.test(name))
    return `${found}, expected a service name without blanks at its ends and without control characters, e.g. "nginx" or "MSSQL$CRM"`;
  if (platform === 'windows') {
    if (/[/\\]/.test(name) || name.length > WINDOWS_SERVICE_CHARACTERS)
      return `${found}, expected the name of a Windows service: at most ${WINDOWS_SERVICE_CHARACTERS} characters, no slash, no backslash, e.g. "MSSQL$CRM"`;
    return undefined;
  }
  if (/[*?[\]/]/.test(name) || Buffer.byteLength(mangled(name)) > UNIT_BYTES)
    return `${found}, expected the name of a systemd unit: at most ${UNIT_BYTES} bytes, no slash, no pattern, e.g. "nginx", "crm@blue" or "srv-data\\\\x2d1.mount"`;
  if (/@(\.[a-z]+)?$/.test(name))
    return `${found}, which is a template; expected one of its instances, e.g. "${name.replace(/@.*/, '@blue')}"`;
  return undefined;
}

/** Names of one service have one identity: `crm` and `crm.service`, `W3SVC` and `w3svc`. */
export function identityOfService(name: string, platform: Platform): string {
  return platform === 'windows' ? name.toLowerCase() : mangled(name).replace(/\.service$/, '');
}

/** Escapes a name as `systemctl` does: `a b` → `a\x20b`. */
function mangled(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9:_.\\@-]/gu, (character) =>
    [...Buffer.from(character, 'utf8')].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

const PATH_CHARACTERS = 200;

/** Windows reserves these names for devices, with any extension: https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const DEVICES = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/** The problem of a path that is not an absolute path of a file, without `..`, on either platform. */
export function problemOfPath(path: string): Problem {
  const isPath = (isWindowsPath(path) || isLinuxPath(path)) && !CONTROL.test(path);
  if (isPath && path.length <= PATH_CHARACTERS) return undefined;
  return (
    `found ${JSON.stringify(path)}, expected an absolute path without "..", at most ${PATH_CHARACTERS} characters, ` +
    'e.g. "/var/lib/crm/maintenance.flag" or "C:\\\\Program Files\\\\CRM\\\\maintenance.flag"'
  );
}

/** Whether the path belongs to that platform. The plan refuses a path of the other platform. */
export function isPathOf(path: string, platform: Platform): boolean {
  return platform === 'windows' ? isWindowsPath(path) : isLinuxPath(path);
}

function isLinuxPath(path: string): boolean {
  const [root, ...parts] = path.split('/');
  return root === '' && parts.length > 0 && parts.every((part) => !['', '.', '..'].includes(part));
}

/** A path on a drive of its own. Not `\\server\share`, where the local system account has no identity. */
function isWindowsPath(path: string): boolean {
  const [drive = '', ...parts] = path.split('\\');
  return (
    /^[A-Za-z]:$/.test(drive) &&
    parts.length > 0 &&
    parts.every(
      (part) => part !== '' && !/[<>:"/|?*]/.test(part) && !/[. ]$/.test(part) && !DEVICES.test(part),
    )
  );
}
