import { randomUUID } from 'node:crypto';
import { messageOf } from '../../../functions/contract/errors.ts';
import type { DeployedSchedule, Deployment } from '../../deployment.ts';
import type { SimulatedClock } from '../../play/clock.ts';
import { matchesPattern } from './pattern.ts';

/** What a service says happened: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
export interface ServiceEvent {
  source: 'aws.rds' | 'aws.ec2' | 'aws.states';
  'detail-type': string;
  /** ARNs. */
  resources: string[];
  detail: Record<string, unknown>;
}

const SECOND = 1_000;

/**
 * When a target gets an event, in milliseconds of simulated time after it happened. Delivery is at least once
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-delivery-level.html), so here every event comes twice: what is harmed by that
 * fails in a rehearsal rather than once a year.
 */
const DELIVERIES = [2 * SECOND, 45 * SECOND];

/** When Lambda calls a function again that failed on an event, in milliseconds: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const RETRIES = [60 * SECOND, 120 * SECOND];

export interface EventBusOptions {
  deployment: Deployment;
  clock: SimulatedClock;
  /** Hands a payload to a function or starts a state machine with it, by ARN. */
  deliver(target: string, payload: unknown): Promise<void>;
  /** Called when a target, by ARN, failed on an event to the end. */
  onGivenUp?: (target: string) => void;
}

/** The default event bus and EventBridge Scheduler: hands the world's events, and the hours, to the targets of the synthesised stack. */
export class EventBus {
  /** Deliveries that were given up, for the rehearsal's report. */
  readonly undelivered: Error[] = [];
  readonly #options: EventBusOptions;
  #pending = 0;
  #stopSchedules: (() => void)[] = [];

  constructor(options: EventBusOptions) {
    this.#options = options;
  }

  /** True while something was emitted or fired and has not reached its target for the last time. */
  get busy(): boolean {
    return this.#pending > 0;
  }

  emit(event: ServiceEvent): void {
    const { deployment, clock } = this.#options;
    const { account, region } = deployment.account;
    const whole = {
      version: '0',
      id: randomUUID(),
      account,
      region,
      time: `${new Date(clock.now()).toISOString().slice(0, 19)}Z`,
      ...event,
    };
    for (const rule of deployment.rules) {
      if (!matchesPattern(rule.pattern, whole)) continue;
      for (const target of rule.targets)
        for (const delay of DELIVERIES) this.#later(delay, rule.name, target, whole);
    }
  }

  /**
   * Lets the schedules with a rate fire while simulated time passes; one with a calendar (`cron`, `at`) starts runs, which a rehearsal does
   * itself.
   *
   * @param leftOut ARN of a target whose schedule does not fire.
   * @returns what ends it.
   */
  startSchedules(leftOut?: string): () => void {
    for (const { name, expression, target } of this.#options.deployment.schedules) {
      if (target.arn === leftOut) continue;
      const every = rateOf(expression);
      if (every === undefined) continue;
      let cancel = (): void => undefined;
      const next = (): void => {
        cancel = this.#options.clock.after(every, () => {
          this.#later(0, name, target.arn, this.#inputOf(name, target.input, this.#options.clock.now()));
          next();
        });
      };
      next();
      this.#stopSchedules.push(() => cancel());
    }
    return () => this.stop();
  }

  /** Lets a schedule fire now, whatever its expression says: delivered at least once, so here twice, and done when the first has been. */
  async fire({ name, target }: DeployedSchedule, now: number): Promise<void> {
    const payload = this.#inputOf(name, target.input, now);
    await this.#options.deliver(target.arn, payload);
    this.#later(DELIVERIES[1] ?? 0, name, target.arn, payload);
  }

  /** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
  #inputOf(name: string, input: string, now: number): unknown {
    const { partition, region, account } = this.#options.deployment.account;
    const minute = new Date(now - (now % (60 * SECOND))).toISOString();
    const text = input
      .replaceAll('<aws.scheduler.scheduled-time>', `${minute.slice(0, 19)}Z`)
      .replaceAll(
        '<aws.scheduler.schedule-arn>',
        `arn:${partition}:scheduler:${region}:${account}:schedule/default/${name}`,
      );
    return JSON.parse(text);
  }

  stop(): void {
    for (const stop of this.#stopSchedules.splice(0)) stop();
  }

  #later(delay: number, from: string, target: string, payload: unknown, failures = 0): void {
    this.#pending += 1;
    this.#options.clock.after(delay, () => {
      void this.#options
        .deliver(target, payload)
        .catch((error: unknown) => {
          const again = RETRIES[failures];
          if (again !== undefined) this.#later(again, from, target, payload, failures + 1);
          else {
            this.undelivered.push(new Error(`${from}: ${messageOf(error)}`, { cause: error }));
            this.#options.onGivenUp?.(target);
          }
        })
        .finally(() => {
          this.#pending -= 1;
        });
    });
  }
}

const UNITS: Record<string, number> = { minute: 60 * SECOND, hour: 3600 * SECOND, day: 86_400 * SECOND };

/** `rate(1 hour)` in milliseconds; undefined for a calendar. https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html */
export function rateOf(expression: string): number | undefined {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  return count === undefined || unit === undefined ? undefined : Number(count) * (UNITS[unit] ?? 0);
}
