import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SystemConfig } from '../functions/contract/config.ts';
import { messageOf } from '../functions/contract/errors.ts';
import { didYouMean } from '../functions/contract/nearest.ts';
import { validateSystems } from '../lib/validate-systems.ts';
import { BadInputError } from '../sandbox/bad-input.ts';

/**
 * The systems of `systems.ts`, or of the module that LIGHTS_OUT_SYSTEMS names.
 *
 * @throws BadInputError when there is no such file, or a system in it is not valid.
 */
export async function readSystems(): Promise<SystemConfig[]> {
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

/**
 * The system of that name. Default: the first.
 *
 * @throws BadInputError naming those that there are.
 */
export function systemOf(systems: SystemConfig[], wanted: string | undefined): SystemConfig {
  const names = systems.map(({ name }) => name);
  const [first] = systems;
  const found = wanted === undefined ? first : systems.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  throw new BadInputError(
    `--system ${wanted}: no such system in systems.ts; expected one of: ${names.join(', ')}${didYouMean(wanted ?? '', names)}`,
  );
}
