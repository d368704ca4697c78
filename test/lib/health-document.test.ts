import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asData, fingerprint } from '../../functions/contract/server-data.ts';
import { systemInput } from '../functions/fixtures.ts';
import { readPowerShell } from '../support/powershell.ts';
import { synthesiseSystem } from '../support/synthesis.ts';

const scriptOf = (file: string): string =>
  readFileSync(new URL(`../../lib/documents/${file}`, import.meta.url), 'utf8');

interface Document {
  Name: string;
  Content: {
    parameters: Record<string, { allowedValues?: string[] }>;
    mainSteps: { name: string; inputs: { runCommand: string[] } }[];
  };
}

const WINDOWS_PATH = String.raw`C:\Program Files\CRM\healthy.ps1`;

const health = [
  { name: 'page', http: { url: 'https://crm.example.com/' } },
  { name: 'files', script: { server: 'app-1', path: "/opt/it's $(touch pwned)/healthy" } },
  { name: '报表', script: { server: 'report-1', path: WINDOWS_PATH } },
];

const { of } = synthesiseSystem(
  systemInput({
    servers: [
      ...systemInput().servers,
      { name: 'report-1', instanceId: 'i-0c1c2d3e4f5061728', platform: 'windows' },
    ],
    startup: { health },
  }),
);
const document = (of('AWS::SSM::Document') as unknown as Document[]).find(
  ({ Name }) => Name === 'LightsOut-crm-Health',
);
const stepOf = (platform: string): string =>
  document?.Content.mainSteps.find(({ name }) => name === platform)?.inputs.runCommand.join('\n') ?? '';

describe('the document of the health checks', () => {
  it('takes the fingerprint of a check with a program, and nothing else', () => {
    expect(document?.Content.parameters).toEqual({
      Check: {
        type: 'String',
        description: 'Fingerprint of the name of a check',
        allowedValues: [fingerprint('files'), fingerprint('报表')],
      },
    });
  });

  it('holds the programs of each platform, and no path as text', () => {
    expect(stepOf('linux')).toContain(
      `own='${fingerprint('files')}:${asData("/opt/it's $(touch pwned)/healthy")}'`,
    );
    expect(stepOf('windows')).toContain(`$own = '${fingerprint('报表')}:${asData(WINDOWS_PATH)}'.Split`);
    expect(stepOf('linux') + stepOf('windows')).not.toMatch(/pwned|Program Files/);
  });

  it('is there only where a check has a program', () => {
    const without = synthesiseSystem(systemInput({ startup: { health: health.slice(0, 1) } }));
    const names = (without.of('AWS::SSM::Document') as unknown as Document[]).map(({ Name }) => Name);
    expect(names).not.toContain('LightsOut-crm-Health');
  });

  it('is PowerShell on Windows', async () => {
    expect(await readPowerShell(scriptOf('health.ps1'))).toMatchObject({ errors: [] });
  });
});

describe('the script on Linux', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lights-out-health-'));
    mkdirSync(join(folder, "it's $(touch pwned)"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const program = (): string => join(folder, "it's $(touch pwned)", 'healthy');
  const write = (text: string): void => {
    writeFileSync(program(), `#!/bin/sh\n${text}\n`);
    chmodSync(program(), 0o755);
  };

  function run(check = fingerprint('files'), path = '/usr/bin:/bin'): { code: number; output: string } {
    const file = join(folder, 'health.sh');
    const own = [
      `${fingerprint('other')}:${asData('/bin/false')}`,
      `${fingerprint('files')}:${asData(program())}`,
    ];
    writeFileSync(file, scriptOf('health.sh').replace('@OWN@', own.join(' ')).replace('{{ Check }}', check));
    try {
      const output = execFileSync('/bin/sh', [file], {
        cwd: folder,
        env: { PATH: path },
        encoding: 'utf8',
        stdio: 'pipe',
      });
      return { code: 0, output };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { code: status, output: stdout };
    }
  }

  it.each([
    ['is content', 'exit 0', '0'],
    ['is not', 'exit 7', '7'],
    ['ends as the agent would restart the server', 'exit 194', '194'],
  ])('says the exit code of a program that %s, and keeps nothing that it prints', (_what, text, code) => {
    write(`echo hunter2; echo hunter2 >&2; ${text}`);

    expect(run()).toEqual({ code: 0, output: `lights-out health=${code}\n` });
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });

  it('says when there is no program, or none that can be executed', () => {
    expect(run()).toEqual({ code: 0, output: 'lights-out health=127\n' });
    write('exit 0');
    chmodSync(program(), 0o644);
    expect(run()).toEqual({ code: 0, output: 'lights-out health=126\n' });
  });

  it('says when the program does not end in time', () => {
    write('exec sleep 60');
    // A `timeout` that waits a moment in place of 10 s.
    mkdirSync(join(folder, 'bin'));
    writeFileSync(
      join(folder, 'bin', 'timeout'),
      '#!/bin/sh\nshift 3\nexec /usr/bin/timeout -k 1 0.2 "$@"\n',
    );
    chmodSync(join(folder, 'bin', 'timeout'), 0o755);

    expect(run(fingerprint('files'), `${folder}/bin:/usr/bin:/bin`)).toEqual({
      code: 0,
      output: 'lights-out health=late\n',
    });
  });

  it('refuses a check that the system does not have', () => {
    expect(run(fingerprint('another'))).toEqual({ code: 3, output: '' });
  });
});
