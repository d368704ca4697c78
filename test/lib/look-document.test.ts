import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asData, fingerprint, listAsData, textOfData } from '../../functions/contract/server-data.ts';
import { readPowerShell } from '../support/powershell.ts';

const scriptOf = (file: string): string =>
  readFileSync(new URL(`../../lib/documents/${file}`, import.meta.url), 'utf8');
const SCRIPT = scriptOf('look.sh');

/**
 * Properties as `systemctl show` prints them, `Name=value value`, of the units of a server. The names of the properties are those of systemd's own
 * interface: https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.systemd1.html
 */
const UNITS: Record<string, Record<string, string>> = {
  'crm-api': {
    LoadState: 'loaded',
    ActiveState: 'active',
    RequiredBy: 'crm-gate.service',
    TriggeredBy: 'crm-api.socket crm-api.timer',
  },
  'crm-gate.service': {
    LoadState: 'loaded',
    ActiveState: 'inactive',
    ConsistsOf: 'crm-mail.service',
    BoundBy: 'crm-api.service',
  },
  'crm-mail.service': {
    LoadState: 'loaded',
    ActiveState: 'active',
    RequiredBy: 'crm-gate.service crm.target',
  },
  'crm.target': { LoadState: 'loaded', ActiveState: 'active' },
  'crm-api.socket': { ActiveState: 'active' },
  'crm-api.timer': { ActiveState: 'inactive' },
  'crm-api.service': { ActiveState: 'active' },
  masked: { LoadState: 'masked', ActiveState: 'inactive' },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lights-out-look-'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'units'));
  for (const [unit, properties] of Object.entries(UNITS))
    writeFileSync(
      join(folder, 'units', unit),
      Object.entries(properties)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
  program(
    'systemctl',
    `case "$1" in
  list-unit-files) printf 'crm-api.service enabled enabled\\nnginx.service enabled enabled\\n'; exit 0 ;;
esac
value=0
for each; do
  case "$each" in --property=*) names=\${each#--property=} ;; --value) value=1 ;; esac
  unit=$each
done
[ -f "${folder}/units/$unit" ] || { case "$names" in LoadState) echo not-found ;; ActiveState) echo inactive ;; esac; exit 0; }
for name in $(echo "$names" | tr ',' ' '); do
  if [ "$value" -eq 1 ]; then sed -n "s/^$name=//p" "${folder}/units/$unit"; else grep "^$name=" "${folder}/units/$unit"; fi
done
exit 0`,
  );
  program('findmnt', 'echo xfs');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, text: string): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
}

function look(
  shell: string,
  parameters: Record<string, string>,
  path = `${folder}/bin:/usr/bin:/bin`,
  around: string[] = [],
): string[] {
  const file = join(folder, 'look.sh');
  writeFileSync(
    file,
    SCRIPT.replaceAll(/\{\{ (\w+) \}\}/g, (_match, name: string) => parameters[name] ?? ''),
  );
  const [command = shell, ...rest] = [...around, shell, file];
  return execFileSync(command, rest, { encoding: 'utf8', env: { PATH: path } })
    .trim()
    .split('\n')
    .map((line) => line.replace('lights-out ', ''));
}

describe.each(['/bin/dash', '/bin/bash'])('the look at a Linux server, in %s', (shell) => {
  it('names what a stop takes with it, at any distance, and what starts it again', () => {
    const lines = look(shell, { Services: listAsData(['crm-api']) });

    const api = `service=${fingerprint('crm-api')}`;
    expect(lines[0]).toBe(`${api} load=loaded state=active`);
    const taken = lines.flatMap((line) =>
      line.startsWith(`${api} takes=`) ? [textOfData(line.split('takes=')[1] ?? '')] : [],
    );
    // The unit between does not run; systemd hands the stop on all the same.
    expect(taken.sort()).toEqual(['crm-api.service', 'crm-mail.service', 'crm.target']);
    expect(lines.filter((line) => line.includes('wakes='))).toEqual([
      `${api} wakes=${asData('crm-api.socket')}`,
    ]);
  });

  it('says what is not known, with what is, and what is masked', () => {
    const lines = look(shell, { Services: listAsData(['ngnix', 'masked', "it's $odd"]) });

    expect(lines).toEqual([
      `service=${fingerprint('ngnix')} load=not-found state=inactive`,
      `service=${fingerprint('masked')} load=masked state=inactive`,
      `service=${fingerprint("it's $odd")} load=not-found state=inactive`,
      `known=${asData('crm-api.service\nnginx.service')}`,
    ]);
  });

  it.each<[string, (path: string) => void, string]>([
    ['nothing', () => undefined, 'none'],
    ['a flag of Lights Out', (path) => writeFileSync(path, 'lights-out maintenance\n'), 'ours'],
    ['a file of somebody else', (path) => writeFileSync(path, ''), 'foreign'],
    ['a link', (path) => symlinkSync('/nowhere', path), 'foreign'],
  ])('finds %s at the path of the flag', (_what, make, flag) => {
    const path = join(folder, '维护 flag');
    make(path);

    expect(look(shell, { FlagFile: asData(path) })).toEqual([`flag=${flag} folder=ok filesystem=xfs`]);
  });

  it('finds a folder that is none, and the file system of one that is to be made', () => {
    writeFileSync(join(folder, 'file'), '');
    program('findmnt', 'echo "$5" >"$(dirname "$0")/../asked"; echo ext4; echo tmpfs');

    expect(look(shell, { FlagFile: asData(join(folder, 'file', 'flag')) })).toEqual([
      'flag=none folder=none filesystem=tmpfs',
    ]);
    expect(look(shell, { FlagFile: asData(join(folder, 'a', 'b', 'flag')) })).toEqual([
      'flag=none folder=ok filesystem=tmpfs',
    ]);
    expect(readFileSync(join(folder, 'asked'), 'utf8').trim()).toBe(folder);
  });

  it('finds a folder that nothing can be written to', ({ skip }) => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o555 });
    // Root may write to any folder but one of a file system that is mounted read-only.
    const asRoot = [
      '/usr/bin/unshare',
      '--mount',
      '/bin/sh',
      '-c',
      'mount -t tmpfs -o ro none "$0" && exec "$@"',
      closed,
    ];
    const around = process.getuid?.() === 0 ? asRoot : [];
    if (around.length > 0 && spawnSync(asRoot[0] ?? '', [...asRoot.slice(1), 'true']).status !== 0)
      skip('root may not mount a file system here');

    expect(look(shell, { FlagFile: asData(join(closed, 'flag')) }, undefined, around)).toEqual([
      'flag=none folder=closed filesystem=xfs',
    ]);
  });

  it('names programs that are missing, and says no more where it cannot', () => {
    const bare = join(folder, 'bare');
    mkdirSync(bare);
    for (const name of ['base64', 'sha256sum', 'findmnt', 'cut', 'tr'])
      symlinkSync(`/usr/bin/${name}`, join(bare, name));

    expect(look(shell, { Services: listAsData(['a']) }, bare)).toEqual(['missing=systemctl']);
    expect(look(shell, { Files: 'yes' }, bare)).toContain('missing=xargs');
  });
});

describe('the look at a Windows server', () => {
  it('is PowerShell that changes nothing', async () => {
    const { errors, commands } = await readPowerShell(scriptOf('look.ps1'));

    expect(errors).toEqual([]);
    const names = new Set(commands.map(({ name }) => name));
    expect(
      [...names].filter((name) =>
        /^(Set|Stop|Start|Remove|New|Clear|Restart|Suspend|Invoke|Add|Out)-/.test(name),
      ),
    ).toEqual([
      // A drive's description, in memory.
      'New-Object',
    ]);
    expect(scriptOf('look.ps1')).not.toMatch(/\.(Stop|Start|Delete|Create|Write)\w*\(/);
  });
});
