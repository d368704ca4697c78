import { closeSync, constants, existsSync, fstatSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { notAllowed } from '../functions/contract/allowed-input.ts';
import { announcedTimeProblem } from '../functions/contract/announced-time.ts';
import type { SystemConfig } from '../functions/contract/config.ts';
import { messageOf } from '../functions/contract/errors.ts';
import type { RunInput } from '../functions/contract/input.ts';
import { didYouMean } from '../functions/contract/nearest.ts';
import type { StartupInput } from '../functions/contract/startup-input.ts';
import { validateSystems } from '../lib/validate-systems.ts';
import { BadInputError } from '../sandbox/bad-input.ts';
import type { AfterStep } from '../sandbox/rehearsal/aftermath.ts';
import { checkOutput } from '../sandbox/rehearsal/output.ts';
import type { RehearsedAction } from '../sandbox/rehearsal/run.ts';
import type { Fault } from '../sandbox/world/faults.ts';

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
    const config = chosen(await readSystems(), asked.system);
    await look(() => checkInput(asked, config));
    if (asked.after.length > 0) {
      const { checkAfter } = await import('../sandbox/rehearsal/after-input.ts');
      await look(() => checkAfter(asked.after, config));
    }
    await look(() => checkFaults(asked.faults, config));
  });
  if (problems.length > 0) throw new BadInputError(problems.join('\nlights-out: '));
}

async function readSystems(): Promise<SystemConfig[]> {
  const named = process.env['LIGHTS_OUT_SYSTEMS'];
  const location =
    named === undefined ? new URL('../systems.ts', import.meta.url) : pathToFileURL(resolve(named));
  if (!existsSync(location))
    throw new BadInputError(
      `${named === undefined ? 'systems.ts' : `LIGHTS_OUT_SYSTEMS=${named}`}: no such file; expected a module that exports "systems"`,
    );
  const { valid, problems } = validateSystems(await exportOf(location));
  if (problems.length > 0)
    throw new BadInputError(problems.map((problem) => `systems.ts: ${problem}`).join('\n'));
  return valid;
}

async function exportOf(location: URL): Promise<unknown> {
  let module: Record<string, unknown>;
  try {
    module = (await import(location.href)) as Record<string, unknown>;
  } catch (error) {
    // Node puts the place of a syntax error at the head of the stack.
    const [place] = error instanceof SyntaxError ? (error.stack?.split('\n') ?? []) : [];
    throw new BadInputError(
      `${place !== undefined && /:\d+$/.test(place) ? place : location.pathname}: cannot be loaded (${messageOf(error).split('\n')[0]}); expected a module that exports "systems"`,
    );
  }
  if (module['systems'] !== undefined) return module['systems'];
  const names = Object.keys(module);
  throw new BadInputError(
    `${location.pathname}: exports no "systems"${names.length === 0 ? '' : `, only ${names.join(', ')}`}; expected export const systems = [{ name: "crm", … }]`,
  );
}

function chosen(systems: SystemConfig[], wanted: string | undefined): SystemConfig {
  const names = systems.map(({ name }) => name);
  const [first] = systems;
  const found = wanted === undefined ? first : systems.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  throw new BadInputError(
    `--system ${wanted}: no such system in systems.ts; expected one of: ${names.join(', ')}${didYouMean(wanted ?? '', names)}`,
  );
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
