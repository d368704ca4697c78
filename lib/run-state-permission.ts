import { allow, OWN_PREFIX, type Permission } from './permission.ts';
import type { ResourceNames } from './resource-names.ts';

/** To store and fetch what of a run's state is too large for the execution (`functions/shared/run-state.ts`). */
export function runState(names: ResourceNames, bucketArn: string): Permission {
  return allow(
    ['s3:GetObject', 's3:PutObject'],
    [`${bucketArn}/runs/${names.system.name}/*/state/*`],
    OWN_PREFIX,
  );
}
