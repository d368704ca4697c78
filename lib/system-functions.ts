import type { FunctionName } from '../functions/contract/functions.ts';
import type { StepFunction } from './step-function.ts';

/** What is deployed of a system's functions. */
export type SystemFunctions = Partial<Record<FunctionName, StepFunction>>;

/** @throws Error when the system does not have that function: then nothing may call it. */
export function functionOf(functions: SystemFunctions, name: FunctionName): StepFunction {
  const own = functions[name];
  if (own === undefined)
    throw new Error(
      `function "${name}": the system does not have it (onlyWhere in lib/steps/${name}.ts), so nothing may call it`,
    );
  return own;
}
