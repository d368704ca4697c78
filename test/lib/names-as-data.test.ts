import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  asData,
  DATA_PATTERN,
  fingerprint,
  listAsData,
  listOfData,
} from '../../functions/contract/server-data.ts';
import { largestSystem, SHAPES, synthesiseShape } from '../shapes.ts';
import { readPowerShell } from '../support/powershell.ts';
import { synthesiseSystem } from '../support/synthesis.ts';

const scriptOf = (file: string): string =>
  readFileSync(new URL(`../../lib/documents/${file}`, import.meta.url), 'utf8');

/** Every printable character of ASCII, each alone between letters, blanks inside, words of shells, and other scripts. */
const PRINTABLE = Array.from({ length: 95 }, (_, index) => String.fromCodePoint(32 + index));
const NAMES = [
  ...PRINTABLE.map((character) => `a${character}b`),
  PRINTABLE.join(''),
  'MSSQL$CRM',
  '$(touch pwned)',
  '`touch pwned`',
  "'; touch pwned; '",
  '"; touch pwned; "',
  '%PATH%',
  '{{ Action }}',
  '--version',
  'srv-data\\x2d1.mount',
  'tab\tin it',
  '*',
  '客户管理系统',
  'Kundenverwaltung für Müller',
  '😀',
];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lights-out-names-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a document's Linux half as the agent does, in one of its shells. */
function run(
  shell: string,
  file: string,
  own: string[],
  parameters: Record<string, string>,
): { code: number; output: string; errors: string } {
  const script = join(folder, 'script.sh');
  const text = scriptOf(file)
    .replace('@OWN@', own.map(fingerprint).join(' '))
    .replaceAll(/\{\{ (\w+) \}\}/g, (_match, name: string) => parameters[name] ?? '');
  writeFileSync(script, text);
  try {
    const output = execFileSync(shell, [script], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { code: 0, output, errors: '' };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    return { code: status, output: stdout, errors: stderr };
  }
}

/** A `systemctl` that writes down each argument as it came. */
function writeSystemctl(): void {
  mkdirSync(join(folder, 'bin'));
  writeFileSync(
    join(folder, 'bin', 'systemctl'),
    `#!/bin/sh\nfor each in "$@"; do printf '%s\\0' "$each" >>'${folder}/arguments'; done\necho active\n`,
  );
  chmodSync(join(folder, 'bin', 'systemctl'), 0o755);
}

describe.each(['/bin/dash', '/bin/bash'])('the document of the services, in %s', (shell) => {
  it('hands every name on as it is, and answers for each by its fingerprint', () => {
    writeSystemctl();

    const { code, output } = run(shell, 'services.sh', NAMES, {
      Action: 'status',
      Services: listAsData(NAMES),
      WaitSeconds: '0',
    });

    expect(code).toBe(0);
    const handed = readFileSync(join(folder, 'arguments'), 'utf8').split('\0');
    // LoadState and ActiveState of each, behind `--`.
    const names = handed.filter((_each, index) => handed[index - 1] === '--');
    expect(names).toEqual(NAMES.flatMap((name) => [name, name]));
    expect(output.match(/^lights-out service=\S+ state=active$/gm)).toEqual(
      NAMES.map((name) => `lights-out service=${fingerprint(name)} state=active`),
    );
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });

  it('does nothing at all when one of the names is none of the system’s', () => {
    writeSystemctl();

    const { code, errors } = run(shell, 'services.sh', ['crm', 'web'], {
      Action: 'stop',
      Services: listAsData(['crm', 'sshd', 'web']),
      WaitSeconds: '0',
    });

    expect({ code, errors }).toEqual({
      code: 3,
      errors: 'service sshd is none of this system: nothing was done\n',
    });
    expect(existsSync(join(folder, 'arguments'))).toBe(false);
  });
});

describe.each(['/bin/dash', '/bin/bash'])('the document of maintenance mode, in %s', (shell) => {
  const switched = (to: 'on' | 'off', path: string, own = path) =>
    run(shell, 'maintenance.sh', [own], { Action: to, FlagFile: asData(path) });

  it.each(NAMES.filter((name) => !name.includes('/')))('makes and removes a flag called %j', (name) => {
    const path = join(folder, '维护 mode', name);

    expect(switched('on', path)).toMatchObject({ code: 0, output: 'lights-out maintenance=on\n' });
    expect(existsSync(path)).toBe(true);
    // Twice is harmless.
    expect(switched('on', path)).toMatchObject({ code: 0, output: 'lights-out maintenance=on\n' });
    expect(switched('off', path)).toMatchObject({ code: 0, output: 'lights-out maintenance=off\n' });
    expect(switched('off', path)).toMatchObject({ code: 0, output: 'lights-out maintenance=off\n' });
    expect(existsSync(path)).toBe(false);
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });

  it('touches no other path than the system’s', () => {
    const path = join(folder, 'passwd');

    expect(switched('on', path, join(folder, 'flag'))).toMatchObject({ code: 3, output: '' });
    expect(existsSync(path)).toBe(false);
  });

  it.each<[string, (path: string) => void]>([
    ['a file of somebody else', (path) => writeFileSync(path, 'precious')],
    ['an empty file', (path) => writeFileSync(path, '')],
    [
      'a link to a file',
      (path) => {
        writeFileSync(`${path}.target`, 'lights-out maintenance\n');
        symlinkSync(`${path}.target`, path);
      },
    ],
    ['a link that leads nowhere', (path) => symlinkSync('/nowhere', path)],
    ['a folder', (path) => mkdirSync(path)],
    ['a pipe', (path) => execFileSync('mkfifo', [path])],
  ])('neither writes over nor removes %s', (_what, make) => {
    const path = join(folder, 'flag');
    make(path);
    const before = execFileSync('stat', ['-c', '%i %s %F', path], { encoding: 'utf8' });

    for (const to of ['on', 'off'] as const)
      expect(switched(to, path)).toMatchObject({
        code: 4,
        output: '',
        errors: expect.stringMatching(/was not made by Lights Out/),
      });
    expect(execFileSync('stat', ['-c', '%i %s %F', path], { encoding: 'utf8' })).toBe(before);
  });
});

describe('the Windows half of a document', () => {
  it.each(['services.ps1', 'maintenance.ps1'])(
    '%s reads names and paths from one encoded text, and never as code',
    async (file) => {
      const script = scriptOf(file);
      const { errors, commands } = await readPowerShell(script);

      expect(errors).toEqual([]);
      // What is filled in stands in single quotes, and holds none: a word of the document's own, digits, or base64.
      for (const [line] of script.matchAll(/^.*\{\{.*$/gm))
        expect(line).toMatch(
          /^(\$\w+ = (\[int\])?'\{\{ \w+ \}\}'|.*\[Convert\]::FromBase64String\('\{\{ \w+ \}\}'\).*)$/,
        );
      expect(
        commands.filter(({ name }) => /^(Invoke-Expression|iex|Start-Process|cmd(\.exe)?)$/i.test(name)),
      ).toEqual([]);
      expect(script).not.toMatch(/ScriptBlock\]::Create|InvokeScript|Invoke-Command|ExpandString/);
    },
  );

  it('finds a service by its own name, not by what the name would match', async () => {
    const { commands } = await readPowerShell(scriptOf('services.ps1'));
    const finding = commands.filter(({ name }) => name === 'Get-Service');

    expect(finding).toHaveLength(1);
    expect(finding[0]?.text).toContain('[Management.Automation.WildcardPattern]::Escape($name)');
  });
});

describe('the encoding', () => {
  it('gives back what went in, in letters that no shell reads', () => {
    const data = listAsData(NAMES);

    expect(listOfData(data)).toEqual(NAMES);
    expect(data).toMatch(new RegExp(DATA_PATTERN));
  });

  it.each([[[]], [['']], [['a', 'b\nc']], [['a\r']]])(
    'refuses %j, which would be read as another list',
    (list) => {
      expect(() => listAsData(list)).toThrow(RangeError);
    },
  );
});

/** https://docs.aws.amazon.com/general/latest/gr/ssm.html: the largest document, in bytes. */
const LARGEST_DOCUMENT = 64 * 1024;

describe('every document of every shape', () => {
  const stacks = [...SHAPES.map(synthesiseShape), synthesiseSystem(largestSystem())];
  const documents = stacks.flatMap(({ of }) => of('AWS::SSM::Document')) as {
    Name: string;
    Content: { mainSteps: { inputs: { runCommand: string[] } }[] };
  }[];

  it('is one that SSM takes, also of 2,000 services', () => {
    expect(Math.max(...documents.map(({ Content }) => JSON.stringify(Content).length))).toBeGreaterThan(
      20_000,
    );
    for (const { Name, Content } of documents)
      expect(Buffer.byteLength(JSON.stringify(Content)), Name).toBeLessThan(LARGEST_DOCUMENT);
  });

  it('knows its own by hexadecimal digits alone', () => {
    const lines = documents.flatMap(({ Content }) =>
      Content.mainSteps.flatMap(({ inputs }) => inputs.runCommand.filter((line) => /^\$?own ?=/.test(line))),
    );
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines)
      expect(line).toMatch(/^\$?own ?= ?' ?([0-9a-f]{12}( [0-9a-f]{12})*)? ?'(\.Split\(' '\))?$/);
    expect(JSON.stringify(documents)).not.toContain('@OWN@');
  });
});
