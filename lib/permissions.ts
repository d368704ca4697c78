import type { SystemConfig } from '../functions/contract/config.ts';
import { FUNCTIONS, type FunctionName, functionFacts } from '../functions/contract/functions.ts';
import type { ResourceNames } from './resource-names.ts';
import { runState } from './rights/evidence.ts';
import type { Permission } from './rights/permission.ts';
import { Rights } from './rights/rights.ts';

/** The exports of `lib/steps/<function>.ts`. */
interface FunctionFile {
  /** Permissions of the function: only for its own calls, on this system's resources. */
  permissions(rights: Rights): Permission[];
  /** Whether a system has the function: only configured parts are deployed. Default: every system. */
  onlyWhere?(system: SystemConfig): boolean;
}

const NAMES = Object.keys(FUNCTIONS) as FunctionName[];

/** Found by name, so that a new function needs no line here. */
const FILES = new Map<FunctionName, FunctionFile>(
  await Promise.all(
    NAMES.map(async (name): Promise<[FunctionName, FunctionFile]> => {
      const file = (await import(`./steps/${name}.ts`)) as Partial<FunctionFile>;
      if (file.permissions === undefined)
        throw new Error(`lib/steps/${name}.ts: expected an exported function "permissions"`);
      return [name, { ...file, permissions: file.permissions }];
    }),
  ),
);

/**
 * The functions of a system, in the catalogue's order. Every system has the functions of the comparison, since a run's input may ask for
 * one.
 */
export const functionsOf = (system: SystemConfig): FunctionName[] =>
  NAMES.filter((name) => FILES.get(name)?.onlyWhere?.(system) ?? true);

/** A function's permissions. A function that is called with a run's state may also store and fetch its large parts. */
export function permissionsOf(name: FunctionName, names: ResourceNames, bucketArn: string): Permission[] {
  const own = FILES.get(name)?.permissions(new Rights(names, bucketArn)) ?? [];
  return functionFacts(name).ofARun === true ? [...own, ...runState(names, bucketArn)] : own;
}
