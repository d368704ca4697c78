import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { expectRefused, inputFolder, lightsOut } from './command-line.ts';

const { folder, file, out, empty } = inputFolder();
const brokenSql = file('broken.sql', 'CREATE TABLE a (b int);\nINSERT INTO a VALUES (1;\n');
const utf16 = file('utf16.json', Buffer.from('\uFEFF{"dryRun":true}', 'utf16le'));
const brokenFaults = file('faults.json', '\uFEFF[\r\n  {"world":"stray-write"},\r\n]');
const brokenSystems = file(
  'systems.ts',
  `import { systems as example } from ${JSON.stringify(fileURLToPath(new URL('../../systems.ts', import.meta.url)))};
export const systems = [{ ...example[0], services: [{ name: 'crm/reboot', server: 'web-1' }] }];`,
);

describe('bad input', { timeout: 90_000 }, () => {
  it.each<[string, string[], RegExp]>([
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
      /--after\[1\]\.weeks is not known; expected one of: days, hours, release, hold, finish, run, startup, start, mend, redrive/,
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
      'an override of holds, which is called otherwise',
      ['rehearse', '--out', out, '--input', '{"overrideHold":true}'],
      /--input\.overrideHold: unknown key; expected force: true, with a reason/,
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
  ])('%s ends with 2 and one message', async (_name, args, message) => {
    const { stdout } = await expectRefused(args, message, out);

    // Only a server knows whether SQL is right.
    expect(stdout).not.toMatch(args.includes(brokenSql) ? /Plan/ : /Plan|synthesising/);
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
    const own = name === 'a syntax error' ? 'broken-3.ts' : `${name.replaceAll(' ', '-')}.ts`;
    const { code, stderr } = await lightsOut(['rehearse', '--out', out], {
      LIGHTS_OUT_SYSTEMS: file(own, text),
    });

    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
