import { readFileSync } from 'node:fs';
import { BadInputError } from '../sandbox/bad-input.ts';

const USAGE = `Usage: lights-out COMMAND [OPTIONS]

  rehearse --out DIR   the whole shutdown on this machine, touching nothing outside DIR
    --system NAME        which system of systems.ts (default: the first)
    --input FILE|JSON    the run's input (default: {})
    --action shutdown    what to rehearse
    --seed-sql FILE      load this SQL file (plain pg_dump or mysqldump output) in place of the generated CRM
    --faults FILE|JSON   let something go wrong: docs/sandbox.md lists the faults
    --after FILE|JSON    let time pass, or something happen, once the run is over: docs/sandbox.md
    --speed N            simulated seconds in a real second (default: 360)
    --json               print run.json, and nothing else
  verify --source URL --restored URL [--json]
                       compare two databases: postgres:, mysql:, mariadb:, sqlserver:
  clean                end what killed rehearsals left on this machine: database servers, services, folders
  release --system NAME
                       a system that was shut down is meant to be on again: nothing stops it any more
    --api URL            the operator API (default: LIGHTS_OUT_API)
    --reason TEXT        why, for the record
    --json               print the API's answer
  help                 this text
  --version            the version

Exit codes of rehearse: 0 done, 1 failed and rolled back, 2 bad input, 3 an invariant is broken; 128 plus the signal that ended it.
Exit codes of verify: 0 equal, 1 different, 2 could not compare.
Exit codes of clean: 0 nothing is left, 1 something could not be removed.
Exit codes of release: 0 meant to be on, 1 refused, 2 could not ask.
`;

/** Each is loaded when it is asked for: a comparison need not wait for the sandbox. */
const commands: Record<string, (argv: string[]) => Promise<number>> = {
  rehearse: async (argv) => (await import('./rehearse.ts')).rehearseCommand(argv),
  verify: async (argv) => (await import('./verify.ts')).verifyCommand(argv),
  clean: async (argv) => (await import('./leftovers.ts')).cleanCommand(argv),
  release: async (argv) => (await import('./release.ts')).releaseCommand(argv),
  help: async () => {
    process.stdout.write(USAGE);
    return 0;
  },
};

async function main([name, ...argv]: string[]): Promise<number> {
  if (name === '--version') {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    process.stdout.write(`${version}\n`);
    return 0;
  }
  const command = commands[name === '--help' || name === undefined ? 'help' : name];
  if (command === undefined)
    throw new BadInputError(
      `"${name}": no such command; expected one of: ${Object.keys(commands).join(', ')}`,
    );
  return command(argv);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BadInputError)) throw error;
  console.error(`lights-out: ${error.message}`);
  process.exitCode = 2;
}
