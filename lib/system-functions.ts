import type { FunctionName } from '../functions/contract/functions.ts';
import type { StepFunction } from './step-function.ts';

/** The deployed functions of a system. */
export type SystemFunctions = Partial<Record<FunctionName, StepFunction>>;

/**
 * The function of that name.
 * @throws Error when the system does not have it: then nothing may call it.
 */
export function functionOf(functions: SystemFunctions, name: FunctionName): StepFunction {
  const own = functions[name];
  if (own === undefined)
    throw new Error(
      `function "${name}": the system does not have it (onlyWhere in lib/steps/${name}.ts), so nothing may call it`,
    );
  return own;
}
