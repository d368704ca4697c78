import { describe, expect, it } from 'vitest';
import { EventBus, rateOf, type ServiceEvent } from '../../../../sandbox/aws/events/bus.ts';
import type { Deployment } from '../../../../sandbox/deployment.ts';
import type { SimulatedClock } from '../../../../sandbox/play/clock.ts';

const started: ServiceEvent = {
  source: 'aws.rds',
  'detail-type': 'RDS DB Instance Event',
  resources: ['arn:db'],
  detail: { EventID: 'RDS-EVENT-0154' },
};

/** Time that passes only when the test says so, timer by timer. */
class ManualClock {
  #now = Date.parse('2026-11-27T14:00:00Z');
  #timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.#now + milliseconds, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      this.#timers.sort((a, b) => a.at - b.at);
      const next = this.#timers[0];
      if (next === undefined || next.at > end) break;
      this.#timers.shift();
      this.#now = next.at;
      next.callback();
      // What the callback began is done before more time passes.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#now = end;
  }
}

function busOf(failures = 0) {
  const clock = new ManualClock();
  const delivered: { target: string; payload: unknown; at: number }[] = [];
  let left = failures;
  const bus = new EventBus({
    deployment: {
      account: { account: '123456789012', region: 'eu-central-1', partition: 'aws' },
      rules: [
        { name: 'Forced', pattern: { detail: { EventID: ['RDS-EVENT-0154'] } }, targets: ['arn:one'] },
        { name: 'Other', pattern: { detail: { EventID: ['RDS-EVENT-0088'] } }, targets: ['arn:two'] },
      ],
      schedules: [
        { name: 'Hourly', expression: 'rate(1 hour)', target: { arn: 'arn:hour', input: '{"look":true}' } },
        { name: 'Nightly', expression: 'cron(0 22 ? * FRI *)', target: { arn: 'arn:night', input: '{}' } },
      ],
    } as unknown as Deployment,
    clock: clock as unknown as SimulatedClock,
    deliver: async (target, payload) => {
      delivered.push({ target, payload, at: clock.now() });
      if (left > 0) {
        left -= 1;
        throw new Error('killed');
      }
    },
  });
  return { bus, clock, delivered };
}

describe('the event bus', () => {
  it('hands an event to the rules that match it, at least once: here twice', async () => {
    const { bus, clock, delivered } = busOf();

    bus.emit(started);
    expect(bus.busy).toBe(true);
    await clock.pass(60_000);

    expect(delivered.map(({ target }) => target)).toEqual(['arn:one', 'arn:one']);
    expect(delivered[0]?.payload).toMatchObject({
      ...started,
      account: '123456789012',
      time: '2026-11-27T14:00:00Z',
    });
    expect(delivered[1]?.payload).toEqual(delivered[0]?.payload);
    expect(bus.busy).toBe(false);
  });

  it('calls a target that failed again, and tells of what it gave up', async () => {
    const { bus, clock, delivered } = busOf(6);

    bus.emit(started);
    await clock.pass(600_000);

    expect(delivered).toHaveLength(6);
    expect(bus.undelivered.map(({ message }) => message)).toEqual(['Forced: killed', 'Forced: killed']);
  });

  it('fires what has a rate while time passes, and nothing that has a calendar', async () => {
    const { bus, clock, delivered } = busOf();

    const stop = bus.startSchedules();
    await clock.pass(2.5 * 3_600_000);
    stop();
    await clock.pass(2 * 3_600_000);

    expect(delivered.map(({ target, payload }) => [target, payload])).toEqual([
      ['arn:hour', { look: true }],
      ['arn:hour', { look: true }],
    ]);
  });

  it('lets one with a calendar fire, twice as may happen, with its time and its own ARN', async () => {
    const { bus, clock, delivered } = busOf();
    const input = '{"at":"<aws.scheduler.scheduled-time>","of":"<aws.scheduler.schedule-arn>"}';
    const nightly = {
      name: 'Nightly',
      expression: 'cron(0 22 ? * FRI *)',
      target: { arn: 'arn:night', input },
    };

    await clock.pass(42_000);
    await bus.fire(nightly, clock.now());
    await clock.pass(60_000);

    const payload = {
      at: '2026-11-27T14:00:00Z',
      of: 'arn:aws:scheduler:eu-central-1:123456789012:schedule/default/Nightly',
    };
    expect(delivered.map((each) => [each.target, each.payload])).toEqual([
      ['arn:night', payload],
      ['arn:night', payload],
    ]);
    expect(bus.busy).toBe(false);
  });

  it.each([
    ['rate(1 hour)', 3_600_000],
    ['rate(15 minutes)', 900_000],
    ['rate(2 days)', 172_800_000],
    ['cron(0 22 ? * FRI *)', undefined],
    ['at(2026-11-27T22:00:00)', undefined],
  ])('reads %s', (expression, milliseconds) => {
    expect(rateOf(expression)).toBe(milliseconds);
  });
});
