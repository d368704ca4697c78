import type { SystemConfig } from './config.ts';
import type { RunInput } from './input.ts';

/**
 * The parts of a valid input that this system's configuration does not allow, one sentence each. The API, the plan and a rehearsal ask
 * this.
 *
 * @param root how the caller names the input: `input`, `body`, `--input`.
 */
export function notAllowed(
  input: { verification?: RunInput['verification'] },
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
