import type { SystemConfigInput } from '../../functions/contract/config.ts';
import { systems } from '../../systems.ts';

const [example] = systems;
if (example === undefined) throw new Error('systems.ts holds no example');
const { schedule: _none, ...rest } = example;

/** The example without a schedule, for tests in which days pass: what its schedule would do depends on the day on which they run. */
export const unscheduled: SystemConfigInput = rest;
