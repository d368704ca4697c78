import type { SystemConfig } from './config.ts';
import type { RunInput } from './input.ts';

/**
 * What of a valid input this system's configuration does not allow, a sentence each. Asked by the API, by the plan and by a rehearsal alike.
 *
 * @param root how the input is called there: `input`, `body`, `--input`.
 */
export function notAllowed(
  input: Pick<RunInput, 'verification'>,
  config: Pick<SystemConfig, 'name' | 'verification' | 'allowUnverified'>,
  root: string,
): string[] {
  const unproved = input.verification === 'none' && config.verification !== 'none';
  if (!unproved || config.allowUnverified === true) return [];
  return [
    `${root}.verification: "none" would stop the database of "${config.name}" without a proved backup, which its configuration does not allow; expected "full" or none. ` +
      'To allow it, set allowUnverified: true for this system in systems.ts and deploy',
  ];
}
