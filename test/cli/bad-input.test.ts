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
const empty = join(folder, 'empty.json');
writeFileSync(empty, '');
const utf16 = join(folder, 'utf16.json');
writeFileSync(utf16, Buffer.from('\uFEFF{"dryRun":true}', 'utf16le'));
const brokenFaults = join(folder, 'faults.json');
writeFileSync(brokenFaults, '\uFEFF[\r\n  {"world":"stray-write"},\r\n]');
const brokenSystems = join(folder, 'systems.ts');
writeFileSync(
  brokenSystems,
  `import { systems as example } from ${JSON.stringify(fileURLToPath(new URL('../../systems.ts', import.meta.url)))};
export const systems = [{ ...example[0], services: [{ name: 'crm/reboot', server: 'web-1' }] }];`,
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
    [
      'an unknown option',
      ['rehearse', '--out', out, '--fast'],
      /--fast: no such option; expected one of: --out, --system/,
    ],
    [
      'an unknown system',
      ['rehearse', '--out', out, '--system', 'erp'],
      /--system erp: no such system in systems.ts; expected one of: crm/,
    ],
    [
      'an input that is not JSON',
      ['rehearse', '--out', out, '--input', '{dryRun}'],
      /--input: not JSON at line 1, column 2: found "d"; expected an object/,
    ],
    [
      'an unknown key in the input',
      ['rehearse', '--out', out, '--input', '{"dryrun":true}'],
      /--input\.dryrun: unknown key; did you mean "dryRun"\?/,
    ],
    [
      'a wrong type in the input',
      ['rehearse', '--out', out, '--input', '{"dryRun":"yes"}'],
      /--input\.dryRun: expected true or false; found "yes"/,
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
      /--seed-sql missing\.sql: the file cannot be read/,
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
      /--after\[1\]\.weeks is not known; expected one of: days, hours, release, finish, run, start, mend, redrive/,
    ],
    [
      'days that are none',
      ['rehearse', '--out', out, '--after', '[{"days":"8"}]'],
      /--after\[0\]\.days: expected a number, e\.g\. 30; found "8"/,
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
    ['a command like another', ['rehearsel'], /did you mean "rehearse"\?/],
    ['what people call it', ['dry-run'], /makes the plan only/],
    ['a name of every object', ['constructor'], /"constructor": no such command/],
    [
      'a mistyped option',
      ['rehearse', '--out', out, '--sytem', 'crm'],
      /--sytem: no such option; did you mean "--system"\?/,
    ],
    ['an option twice', ['rehearse', '--out', out, '--out', out], /--out: given twice; expected once/],
    ['an option without its value', ['rehearse', '--out', '--json'], /--out: its value is missing/],
    ['an empty value', ['rehearse', '--out', ''], /--out: its value is empty/],
    ['a value for a switch', ['rehearse', '--out', out, '--json=yes'], /--json: takes no value/],
    ['a word too many', ['rehearse', 'now', '--out', out], /belongs to no option \("now"\)/],
    [
      'a secret too many',
      ['verify', 'postgres://a:s3cret@h/d'],
      /^(?!.*s3cret).*belongs to no option; expected/s,
    ],
    ['a system nearly named', ['rehearse', '--out', out, '--system', 'crmm'], /did you mean "crm"\?/],
    [
      'another system in the input',
      ['rehearse', '--out', out, '--input', '{"system":"erp"}'],
      /--input\.system: expected "crm"/,
    ],
    [
      'a time that has passed',
      ['rehearse', '--out', out, '--input', '{"at":"2020-01-01T00:00:00Z"}'],
      /--input\.at: 2020-01-01T00:00:00Z has passed/,
    ],
    [
      'a hold, which there is not yet',
      ['rehearse', '--out', out, '--input', '{"overrideHold":true}'],
      /--input\.overrideHold: unknown key; there are no holds in this version/,
    ],
    ['a list as input', ['rehearse', '--out', out, '--input', '[]'], /--input: expected an object/],
    [
      'an input in a folder',
      ['rehearse', '--out', out, '--input', folder],
      /--input .*: a folder; expected a file of JSON/,
    ],
    [
      'an input in UTF-16',
      ['rehearse', '--out', out, '--input', utf16],
      /not UTF-8; expected a file of JSON in UTF-8/,
    ],
    ['an empty input', ['rehearse', '--out', out, '--input', empty], /--input: not JSON: it is empty/],
    [
      'faults broken on the third line',
      ['rehearse', '--out', out, '--faults', brokenFaults],
      /--faults: not JSON at line 3, column 1: found "\]"/,
    ],
    [
      'a fault like another',
      ['rehearse', '--out', out, '--faults', '[{"world":"late-wrote"}]'],
      /did you mean "late-write"\?/,
    ],
    [
      'a fault of a server that is none',
      ['rehearse', '--out', out, '--faults', '[{"world":"agent-offline","server":"web1"}]'],
      /--faults\[0\]\.server "web1": no such server.*did you mean "web-1"\?/,
    ],
    [
      'SQL in a folder',
      ['rehearse', '--out', out, '--seed-sql', folder],
      /--seed-sql .*: a folder; expected a file of plain SQL/,
    ],
    ['empty SQL', ['rehearse', '--out', out, '--seed-sql', empty], /the file is empty; expected plain SQL/],
    ['a file as output', ['rehearse', '--out', empty], /--out .*: it is a file; expected a folder/],
    [
      'a file on the way to the output',
      ['rehearse', '--out', join(empty, 'x')],
      /empty\.json is a file; expected a folder/,
    ],
    [
      'a folder where nothing can be made',
      ['rehearse', '--out', '/proc/x'],
      /--out \/proc\/x: nothing can be written to \/proc/,
    ],
    [
      'three mistakes, each told',
      ['rehearse', '--out', empty, '--seed-sql', 'missing.sql', '--system', 'erp'],
      /--out .*\n.*--seed-sql .*\n.*--system erp/,
    ],
    ['no speed', ['rehearse', '--out', out, '--speed', 'NaN'], /--speed NaN: expected a number/],
    ['a negative speed', ['rehearse', '--out', out, '--speed=-5'], /--speed -5: expected a number/],
    [
      'a port that is none',
      ['verify', '--source', 'postgres://a@h:0/d', '--restored', 'mysql://a@h:70000/d'],
      /--source: port 0.*\n.*--restored: not a URL/,
    ],
    [
      'an engine like another',
      ['verify', '--source', 'postgress://a@h/d', '--restored', 'mysql://a@h/d'],
      /did you mean "postgres:\/\/"\?/,
    ],
    ['no system to release', ['release'], /--system: missing/],
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
      /--source: .*refused.*\n.*--restored: .*refused/,
    ],
  ])('%s ends with 2 and one message', async (_name, args, message) => {
    const { code, stderr, stdout } = await lightsOut(args);

    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    expect(stderr).not.toMatch(/\n\s+at /);
    // Only a server knows whether SQL is right.
    expect(stdout).not.toMatch(args.includes(brokenSql) ? /Plan/ : /Plan|synthesising/);
    expect(existsSync(join(out, 'run.json'))).toBe(false);
  });

  it('a service name with shell characters stops the synth with its path', async () => {
    const { code, stderr } = await lightsOut(['rehearse', '--out', out], {
      LIGHTS_OUT_SYSTEMS: brokenSystems,
    });

    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/systems\[0\]\.services\[0\]\.name: .*expected/),
    });
  });

  it.each<[string, string, RegExp]>([
    [
      'no systems at all',
      'export const systems = [];',
      /systems\.ts: systems: expected at least one system; found an empty list/,
    ],
    [
      'another export',
      'export const system = [];',
      /exports no "systems", only system; expected export const systems/,
    ],
    ['a syntax error', 'export const systems = [\n  { name: crm };\n];', /broken-3\.ts:2.*cannot be loaded/],
    ['a word that is not known', 'export const systems = crm;', /cannot be loaded \(crm is not defined\)/],
  ])('%s in systems.ts', async (name, text, message) => {
    const file = join(folder, name === 'a syntax error' ? 'broken-3.ts' : `${name.replaceAll(' ', '-')}.ts`);
    writeFileSync(file, text);
    const { code, stderr } = await lightsOut(['rehearse', '--out', out], { LIGHTS_OUT_SYSTEMS: file });

    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it.each(['rehearse', 'verify', 'clean', 'release', 'help'])(
    '%s --help says what it takes',
    async (command) => {
      const { code, stdout, stderr } = await lightsOut([command, '--bogus', '--help']);

      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(new RegExp(`^Usage: lights-out ${command}`));
    },
  );
});
