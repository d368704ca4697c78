import type { SystemConfig } from './config.ts';
import type { RunInput } from './input.ts';

/**
 * The parts of a valid input that this system's configuration does not allow, one sentence each. The API, the plan and a rehearsal ask
 * this.
 *
 * @param root how the caller names the input: `input`, `body`, `--input`.
 */
export function notAllowed(
  input: Pick<RunInput, 'verification' | 'emergency' | 'reason' | 'at' | 'backAt' | 'onlyProve' | 'force'>,
  config: Pick<SystemConfig, 'name' | 'verification' | 'allowUnverified' | 'emergency'>,
  root: string,
): string[] {
  const unproved = input.verification === 'none' && config.verification !== 'none';
  const isAllowed =
    config.allowUnverified === true ||
    (input.emergency === true && config.emergency?.verification === 'none');
  if (input.onlyProve === true) return onlyProveProblems(input, root);
  const emergency = [
    ...(input.emergency === true ? emergencyProblems(input, config, root) : []),
    ...(input.force === true && input.reason === undefined && input.emergency !== true
      ? [`${root}.reason: missing; expected why the run goes on against a hold, e.g. "agreed with sales"`]
      : []),
  ];
  if (!unproved || isAllowed) return emergency;
  return [
    ...emergency,
    `${root}.verification: "none" would stop the database of "${config.name}" without a proved backup, which its configuration does not allow; expected "full" or none. ` +
      'To allow it, set allowUnverified: true for this system in systems.ts and deploy',
  ];
}

/** Keys that mean nothing where nothing is stopped: a reader would take them for granted. */
function onlyProveProblems(
  { verification, emergency, at, backAt, force }: Parameters<typeof notAllowed>[0],
  root: string,
): string[] {
  const none = (key: string, why: string): string =>
    `${root}.${key}: a run that only proves a backup (onlyProve) ${why}; expected none`;
  return [
    ...(verification === 'none' ? [none('verification', 'is there to verify')] : []),
    ...(emergency === true ? [none('emergency', 'stops nothing')] : []),
    ...(at === undefined ? [] : [none('at', 'begins now')]),
    ...(backAt === undefined ? [] : [none('backAt', 'keeps nobody out')]),
    ...(force === true ? [none('force', 'is kept from nothing by a hold')] : []),
  ];
}

function emergencyProblems(
  { reason, at }: Pick<RunInput, 'reason' | 'at'>,
  config: Pick<SystemConfig, 'name' | 'emergency'>,
  root: string,
): string[] {
  return [
    ...(config.emergency === undefined
      ? [
          `${root}.emergency: the configuration of "${config.name}" does not allow it; expected false or none. To allow it, set emergency: {} for this system in systems.ts and deploy`,
        ]
      : []),
    ...(reason === undefined
      ? [`${root}.reason: missing; expected one sentence for an emergency, e.g. "ransomware on app-2"`]
      : []),
    ...(at === undefined ? [] : [`${root}.at: an emergency begins now; expected none`]),
  ];
}
