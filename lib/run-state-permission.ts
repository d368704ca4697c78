import { writeOnce } from './evidence-permissions.ts';
import type { Permission } from './permission.ts';
import type { ResourceNames } from './resource-names.ts';

/** To store and fetch what of a run's state is too large for the execution (`functions/runtime/run-state.ts`). A part's name says its content. */
export function runState(names: ResourceNames, bucketArn: string): Permission[] {
  return writeOnce([`${bucketArn}/state/${names.system.name}/*`]);
}
