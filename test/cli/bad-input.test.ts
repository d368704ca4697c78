import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectRefused, inputFolder, lightsOut } from './command-line.ts';

const { folder, out, empty } = inputFolder();

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
      'a speed that is none',
      ['rehearse', '--out', out, '--speed', 'fast'],
      /--speed fast: expected a number/,
    ],
    [
      'an action that is none',
      ['rehearse', '--out', out, '--action', 'restart'],
      /--action restart: expected one of: shutdown, startup, cycle/,
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
    const { stdout } = await expectRefused(args, message, out);

    expect(stdout).not.toMatch(/Plan|synthesising/);
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
