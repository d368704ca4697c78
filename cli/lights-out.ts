import { readFileSync } from 'node:fs';
import { didYouMean } from '../functions/contract/nearest.ts';
import { shown } from '../functions/contract/shown.ts';
import { BadInputError } from '../sandbox/bad-input.ts';
import { type CommandName, USAGE, usageOf } from './usage.ts';

/** Each command is loaded at its use: a comparison does not wait for the sandbox. */
const commands: Record<CommandName, (argv: string[]) => Promise<number>> = {
  rehearse: async (argv) => (await import('./rehearse.ts')).rehearseCommand(argv),
  verify: async (argv) => (await import('./verify.ts')).verifyCommand(argv),
  clean: async (argv) => (await import('./leftovers.ts')).cleanCommand(argv),
  startup: async (argv) => (await import('./startup.ts')).startupCommand(argv),
  shutdown: async (argv) => (await import('./shutdown.ts')).shutdownCommand(argv),
  status: async (argv) => (await import('./status.ts')).statusCommand(argv),
  approve: async (argv) => (await import('./answer.ts')).answerCommand('approve', argv),
  deny: async (argv) => (await import('./answer.ts')).answerCommand('deny', argv),
  finish: async (argv) => (await import('./finish.ts')).finishCommand(argv),
  release: async (argv) => (await import('./release.ts')).releaseCommand(argv),
  restore: async (argv) => (await import('./restore.ts')).restoreCommand(argv),
  hold: async (argv) => (await import('./hold.ts')).holdCommand(argv),
  schedule: async (argv) => (await import('./schedule.ts')).scheduleCommand(argv),
  help: async ([about]) => {
    process.stdout.write(about === undefined ? USAGE : usageOf(commandOf(about)));
    return 0;
  },
};

/** Words that people type who have not read the list of commands. */
const MEANT: Record<string, string> = {
  dryrun: `"lights-out rehearse --out out/plan --input '{"dryRun":true}'" makes the plan only`,
  plan: '"lights-out shutdown --system NAME --dry-run" makes the plan on AWS, "lights-out rehearse --out out/plan" with the input {"dryRun":true} on this machine',
  abort: 'an execution is stopped in the Step Functions console: docs/operations.md, "RunAborted"',
  backup:
    '"lights-out shutdown --system NAME --only-prove" takes and proves one; "lights-out restore --system NAME" restores one',
  compare: '"lights-out verify --source URL --restored URL" compares two databases',
};

/**
 * The command of that name.
 * @throws BadInputError naming the commands, and the nearest one.
 */
function commandOf(name: string): CommandName {
  if (Object.hasOwn(commands, name)) return name as CommandName;
  const bare = name.toLowerCase().replaceAll(/[^a-z]/g, '');
  const known = Object.keys(commands);
  const meant = Object.hasOwn(MEANT, bare) ? MEANT[bare] : undefined;
  throw new BadInputError(
    `"${shown(name)}": no such command; expected one of: ${known.join(', ')}${meant === undefined ? didYouMean(name, known) : `; ${meant}`}`,
  );
}

async function main([name, ...argv]: string[]): Promise<number> {
  if (name === '--version') {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    process.stdout.write(`${version}\n`);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h') return commands.help([]);
  const command = commandOf(name);
  // Help works in any place, even beside a mistake: a person who asks for help makes mistakes.
  if (argv.includes('--help') || argv.includes('-h')) return commands.help([command]);
  return commands[command](argv);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BadInputError)) throw error;
  console.error(`lights-out: ${error.message}`);
  process.exitCode = 2;
}
