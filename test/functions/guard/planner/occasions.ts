export const MACHINES = 'arn:aws:states:eu-central-1:123456789012:stateMachine:LightsOut-crm';
export const EXECUTIONS = MACHINES.replace(':stateMachine:', ':execution:');
export const SCHEDULE = 'arn:aws:scheduler:eu-central-1:123456789012:schedule/default/crm';
export const EVENT = { action: 'look' as const, schedule: SCHEDULE };
export const FRIDAY = 'scheduled-shutdown-20261127T140000Z';
export const MONDAY = 'scheduled-startup-20261129T220000Z';
export const LEDGER = `schedule/crm/${FRIDAY}.json`;
/** Friday's run begins then: the longest notice and an hour before users are out. */
export const DUE = '2026-11-27T12:30:00.000Z';
export const AWAY = {
  wanted: 'off',
  since: '2026-11-27T14:40:00.000Z',
  by: 'run r-1',
  run: { id: 'r-1' },
  stoppedAgain: 0,
};
