import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const CLI = fileURLToPath(new URL('../../cli/lights-out.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lights-out-cli-'));
const out = join(folder, 'out');
const brokenSql = join(folder, 'broken.sql');
writeFileSync(brokenSql, 'CREATE TABLE a (b int);\nINSERT INTO a VALUES (1;\n');
const brokenSystems = join(folder, 'systems.ts');
writeFileSync(
  brokenSystems,
  `import { systems as example } from ${JSON.stringify(fileURLToPath(new URL('../../systems.ts', import.meta.url)))};
export const systems = [{ ...example[0], services: [{ name: 'crm; reboot', server: 'web-1' }] }];`,
);

async function lightsOut(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    const { stdout, stderr } = await run(process.execPath, [CLI, ...args], {
      env: { ...process.env, ...env },
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const failed = error as { code: number; stdout: string; stderr: string };
    return { code: failed.code, stdout: failed.stdout, stderr: failed.stderr };
  }
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('bad input', { timeout: 90_000 }, () => {
  it.each<[string, string[], RegExp]>([
    ['an unknown command', ['shutdwon'], /"shutdwon": no such command; expected one of: rehearse/],
    ['clean with a folder', ['clean', out], /clean .*: expected nothing after "clean"/],
    ['no folder', ['rehearse'], /--out: missing; expected a folder/],
    ['an unknown option', ['rehearse', '--out', out, '--fast'], /Unknown option '--fast'/],
    [
      'an unknown system',
      ['rehearse', '--out', out, '--system', 'erp'],
      /--system erp: no such system in systems.ts; expected one of: crm/,
    ],
    ['an input that is not JSON', ['rehearse', '--out', out, '--input', '{dryRun}'], /--input: not JSON/],
    [
      'an unknown key in the input',
      ['rehearse', '--out', out, '--input', '{"dryrun":true}'],
      /--input\.dryrun: unknown key/,
    ],
    [
      'a wrong type in the input',
      ['rehearse', '--out', out, '--input', '{"dryRun":"yes"}'],
      /--input\.dryRun: .*expected boolean/,
    ],
    [
      'an input file that is not there',
      ['rehearse', '--out', out, '--input', 'missing.json'],
      /--input missing\.json: neither JSON nor a readable file/,
    ],
    [
      'a speed that is none',
      ['rehearse', '--out', out, '--speed', 'fast'],
      /--speed fast: expected a number/,
    ],
    [
      'an action of a later version',
      ['rehearse', '--out', out, '--action', 'startup'],
      /--action startup: expected "shutdown"/,
    ],
    [
      'an unknown fault of the world',
      ['rehearse', '--out', out, '--faults', '[{"world":"flood"}]'],
      /--faults\[0\]\.world.*corrupt-restore/,
    ],
    [
      'a fault of an unknown operation',
      [
        'rehearse',
        '--out',
        out,
        '--faults',
        '[{"service":"rds","operation":"CreateSnapshot","kind":"error"}]',
      ],
      /--faults\[0\]\.operation "CreateSnapshot"/,
    ],
    [
      'a SQL file that is not there',
      ['rehearse', '--out', out, '--seed-sql', 'missing.sql'],
      /--seed-sql missing\.sql:1: the file cannot be read/,
    ],
    [
      'a broken SQL file',
      ['rehearse', '--out', out, '--seed-sql', brokenSql],
      /broken\.sql:2: syntax error.*INSERT INTO a VALUES/,
    ],
    [
      'an --after that is no list',
      ['rehearse', '--out', out, '--after', '{"days":1}'],
      /--after: expected a list/,
    ],
    [
      'an unknown thing after the run',
      ['rehearse', '--out', out, '--after', '[{"days":1},{"weeks":1}]'],
      /--after\[1\]\.weeks is not known; expected one of: days, hours, release, run, start, mend, redrive/,
    ],
    [
      'days that are none',
      ['rehearse', '--out', out, '--after', '[{"days":"8"}]'],
      /--after\[0\]\.days .*number/,
    ],
    [
      'two things at once after the run',
      ['rehearse', '--out', out, '--after', '[{"days":1,"start":"database"}]'],
      /--after\[0\]\.start does not go with "days"/,
    ],
    [
      'a server that there is not to start',
      ['rehearse', '--out', out, '--after', '[{"start":"web-9"}]'],
      /--after\[0\]\.start "web-9": no such server; expected one of: database, web-1/,
    ],
    [
      'a folder that is not ours',
      ['rehearse', '--out', folder],
      /the folder is not empty and no rehearsal made it/,
    ],
    [
      'a URL that is none',
      ['verify', '--source', 'here', '--restored', 'there'],
      /--source: .*expected postgres:\/\//,
    ],
    [
      'one database twice',
      ['verify', '--source', 'postgres://a@h/d', '--restored', 'postgres://b@h/d'],
      /name the same database/,
    ],
    [
      'a server that is not there',
      ['verify', '--source', 'postgres://a@127.0.0.1:1/d', '--restored', 'postgres://a@127.0.0.1:2/d'],
      /cannot be read|refused/,
    ],
  ])('%s ends with 2 and one message', async (_name, args, message) => {
    const { code, stderr, stdout } = await lightsOut(args);

    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).not.toContain('Plan');
    expect(existsSync(join(out, 'run.json'))).toBe(false);
  });

  it('a service name with shell characters stops the synth with its path', async () => {
    const { code, stderr } = await lightsOut(['rehearse', '--out', out], {
      LIGHTS_OUT_SYSTEMS: brokenSystems,
    });

    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/systems\[0\]\.services\[0\]\.name: expected a service name/),
    });
  });

  it('a run whose input is refused ends with 2 too, and says why', async () => {
    const { code, stderr } = await lightsOut([
      'rehearse',
      '--out',
      out,
      '--speed',
      '2000',
      '--input',
      '{"at":"2020-01-01T00:00:00Z"}',
    ]);

    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/InvalidInput: input\.at: 2020-01-01T00:00:00Z has passed/),
    });
  });
});
