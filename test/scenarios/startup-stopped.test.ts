import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../sandbox/rehearsal/sandbox.ts';
import { rehearseScenario } from '../support/rehearsals.ts';

/** Stops the first start-up as it enters a state, as somebody in the console may. */
function stopAt(wanted: string) {
  return (_ended: unknown, { executions }: Sandbox) => {
    let isOver = false;
    executions.onState = (execution, state) => {
      if (isOver || state !== wanted || execution.machine !== executions.deployment.startup) return;
      isOver = true;
      execution.stop('States.Aborted', 'an operator stopped the execution');
    };
    return [{ startup: {} }, { startup: {} }];
  };
}

describe('a start-up that somebody stops in the middle', { timeout: 300_000 }, () => {
  it.each(['Confirm the data', 'Start services'])(
    'at "%s" is closed by CleanUp, which takes nothing back, and the next one opens',
    async (state) => {
      const { broken, record, aftermath, calls, evidenceOf } = await rehearseScenario({
        after: stopAt(state),
      });

      expect({ broken, outcome: record.outcome }).toEqual({ broken: [], outcome: 'succeeded' });
      const [stopped, next] = aftermath;
      expect(stopped?.run?.status).toBe('ABORTED');
      // The operators are told once, and the next run may begin.
      expect(stopped).toMatchObject({
        mails: ['partly-on'],
        database: 'available',
        resources: { locks: [], maintenance: true },
      });
      expect(JSON.parse(await evidenceOf(0, 'certificate.json'))).toMatchObject({
        outcome: 'partly-on',
        cleanedUp: expect.anything(),
      });
      const since = calls()
        .filter(({ at }) => at > record.endedAt)
        .map(({ operation }) => operation);
      expect(since).toContain('StartDBInstance');
      for (const taken of ['StopDBInstance', 'StopInstances', 'DeleteDBInstance'])
        expect(since).not.toContain(taken);
      expect(next).toMatchObject({
        run: { outcome: 'succeeded' },
        resources: { locks: [], maintenance: false },
      });
      expect(next?.mails.filter((kind) => kind === 'back')).toHaveLength(3);
    },
  );
});
