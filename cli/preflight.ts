import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { notAllowed } from '../functions/contract/allowed-input.ts';
import { announcedTimeProblem } from '../functions/contract/announced-time.ts';
import type { SystemConfig } from '../functions/contract/config.ts';
import { messageOf } from '../functions/contract/errors.ts';
import type { RunInput } from '../functions/contract/input.ts';
import { didYouMean } from '../functions/contract/nearest.ts';
import type { StartupInput } from '../functions/contract/startup-input.ts';
import { BadInputError } from '../sandbox/bad-input.ts';
import type { AfterStep } from '../sandbox/rehearsal/aftermath.ts';
import { checkOutput } from '../sandbox/rehearsal/output.ts';
import type { RehearsedAction } from '../sandbox/rehearsal/run.ts';
import type { Fault } from '../sandbox/world/faults.ts';
import { readSystems, systemOf } from './systems-file.ts';

export interface Asked {
  out: string;
  system: string | undefined;
  action: RehearsedAction;
  input: RunInput | StartupInput;
  seedSql: string | undefined;
  faults: Fault[];
  after: AfterStep[];
}

/**
 * Checks everything about a rehearsal that can be known before the synth, which takes time.
 *
 * @throws BadInputError one line per problem.
 */
export async function checkRehearsal(asked: Asked): Promise<void> {
  const problems: string[] = [];
  const look = async (part: () => void | Promise<void>): Promise<void> => {
    try {
      await part();
    } catch (error) {
      if (!(error instanceof BadInputError)) throw error;
      problems.push(error.message);
    }
  };
  await look(() => checkOutput(resolve(asked.out)));
  await look(() => checkSeed(asked.seedSql));
  await look(async () => {
    const config = systemOf(await readSystems(), asked.system);
    await look(() => checkInput(asked, config));
    if (asked.after.length > 0) {
      const { checkAfter } = await import('../sandbox/rehearsal/after-input.ts');
      await look(() => checkAfter(asked.after, config));
    }
    await look(() => checkFaults(asked.faults, config));
  });
  if (problems.length > 0) throw new BadInputError(problems.join('\nlights-out: '));
}

function checkInput({ action, input }: Asked, config: SystemConfig): void {
  const problems = action === 'startup' ? [] : notAllowed(input as RunInput, config, '--input');
  if (input.system !== undefined && input.system !== config.name)
    problems.push(
      `--input.system: expected "${config.name}", the system of this rehearsal, or none; found "${input.system}"`,
    );
  const at = 'at' in input ? input.at : undefined;
  const late = at === undefined ? undefined : announcedTimeProblem(at, Date.now());
  if (late !== undefined) problems.push(`--input.at: ${late}`);
  if (problems.length > 0) throw new BadInputError(problems.join('\nlights-out: '));
}

function checkFaults(faults: Fault[], config: SystemConfig): void {
  const known = {
    server: config.servers.map(({ name }) => name),
    service: config.services.map(({ name }) => name),
    webhook: config.notices.webhooks.map(({ name }) => name),
  };
  const problems = faults.flatMap((fault, index) => {
    // The service of a rate limit is AWS's.
    if (!('world' in fault) || fault.world === 'rate-limit') return [];
    return Object.entries(known).flatMap(([field, names]) => {
      const value = (fault as unknown as Record<string, unknown>)[field];
      if (typeof value !== 'string' || names.includes(value)) return [];
      const expected = names.length === 0 ? `a system with ${field}s` : `one of: ${names.join(', ')}`;
      return [
        `--faults[${index}].${field} "${value}": no such ${field} in "${config.name}"; expected ${expected}${didYouMean(value, names)}`,
      ];
    });
  });
  if (problems.length > 0) throw new BadInputError(problems.join('\nlights-out: '));
}

function checkSeed(path: string | undefined): void {
  if (path === undefined) return;
  let file: number;
  try {
    // Without O_NONBLOCK, opening a pipe without a writer would never end.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new BadInputError(
      `--seed-sql ${path}: the file cannot be read (${messageOf(error)}); expected a file of plain SQL, such as pg_dump --format=plain makes`,
    );
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile())
      throw new BadInputError(
        `--seed-sql ${path}: ${stat.isDirectory() ? 'a folder' : 'no plain file'}; expected a file of plain SQL, such as pg_dump --format=plain makes`,
      );
    if (stat.size === 0)
      throw new BadInputError(
        `--seed-sql ${path}: the file is empty; expected plain SQL, such as pg_dump --format=plain makes`,
      );
  } finally {
    closeSync(file);
  }
}
