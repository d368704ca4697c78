import { expect, test } from 'vitest';
import type { Opened, StartupPlan } from '../../../functions/contract/startup-state.ts';
import type { TimelineStep } from '../../../functions/contract/timeline.ts';
import { maintenanceAtEnd } from '../../../functions/report/startup/resources.ts';
import { system } from '../fixtures.ts';

const config = system({
  maintenance: { servers: ['web-1'], flagFile: '/var/lib/crm/maintenance.flag' },
});

const wake = (changes: Partial<StartupPlan> = {}): StartupPlan => ({
  shutdown: { run: '20261127-1330-c02f2ce2', verified: true },
  database: 'available',
  servers: [],
  services: [],
  confirm: { policy: 'none', why: 'it was done' },
  warnings: [],
  reasons: [],
  ...changes,
});

const opening = (done: boolean): Opened => ({ done, waitSeconds: 0, since: '2026-11-30T06:00:00Z' });
const openStep: TimelineStep = {
  name: 'Open',
  startedAt: '2026-11-30T06:00:00Z',
  attempts: 1,
  outcome: 'failed',
};

test.each([
  ['is on while the opening has not begun', { wake: wake() }, [], ['on']],
  ['is off once the opening was seen to end', { wake: wake(), opened: opening(true) }, [openStep], ['off']],
  ['is unknown while a command may open', { wake: wake(), opened: opening(false) }, [], ['unknown']],
  ['is unknown after a call that was killed', { wake: wake() }, [openStep], ['unknown']],
  ['is nothing to a run that found the system open', { wake: wake(), alreadyOn: { seenAt: '' } }, [], []],
  ['is nothing to a run that ended before its plan', {}, [], []],
])('maintenance mode %s', (_what, state, steps, expected) => {
  expect(maintenanceAtEnd(config, state, steps).map((each) => each.state)).toEqual(expected);
});
