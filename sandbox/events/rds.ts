import type { DescribeEventsCommandInput, Event } from '@aws-sdk/client-rds';
import type { SimulatedClock } from '../clock.ts';
import type { Instance } from '../database/instance.ts';
import type { Operation, ServiceOperations } from '../operation.ts';
import type { ServiceEvent } from './bus.ts';

export type RdsEventKind = 'stopped' | 'started' | 'forced-start';

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html#USER_Events.Messages.instance */
const EVENTS: Record<RdsEventKind, { id: string; message: string }> = {
  stopped: { id: 'RDS-EVENT-0087', message: 'DB instance stopped.' },
  started: { id: 'RDS-EVENT-0088', message: 'DB instance started.' },
  'forced-start': {
    id: 'RDS-EVENT-0154',
    message: 'DB instance is being started due to it exceeding the maximum allowed time being stopped.',
  },
};

const DAY = 86_400_000;

/** After this long RDS starts a stopped instance by itself: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html */
const LONGEST_STOP = 7 * DAY;

/** DescribeEvents knows the last 14 days. */
const KEPT = 14 * DAY;

interface Options {
  clock: SimulatedClock;
  emit(event: ServiceEvent): void;
  /** Starts a stopped instance, as RDS does it. */
  start(instance: Instance): void;
}

/** What RDS tells of its instances, and what it does by itself: it starts an instance that was stopped for seven days. */
export class RdsEvents {
  readonly #options: Options;
  readonly #told: Event[] = [];

  constructor(options: Options) {
    this.#options = options;
  }

  happened(kind: RdsEventKind, instance: Instance): void {
    const { clock, emit } = this.#options;
    const { id, message } = EVENTS[kind];
    const date = new Date(clock.now());
    this.#told.push({
      SourceIdentifier: instance.identifier,
      SourceType: 'db-instance',
      SourceArn: instance.arn,
      Message: message,
      EventCategories: ['notification'],
      Date: date,
    });
    emit({
      source: 'aws.rds',
      'detail-type': 'RDS DB Instance Event',
      resources: [instance.arn],
      detail: {
        EventCategories: ['notification'],
        SourceType: 'DB_INSTANCE',
        SourceArn: instance.arn,
        SourceIdentifier: instance.identifier,
        Date: date.toISOString(),
        Message: message,
        EventID: id,
        Tags: {},
      },
    });
    if (kind === 'stopped') this.#startAfterSevenDays(instance);
  }

  operations(): ServiceOperations {
    const describe: Operation<DescribeEventsCommandInput, unknown> = {
      // DescribeEvents knows no resource.
      resources: () => ['*'],
      run: ({ SourceIdentifier, SourceType, StartTime, Duration }) => {
        const now = this.#options.clock.now();
        const since = Math.max(
          now - KEPT,
          // Without a start, `Duration` minutes back; 60 by default.
          StartTime === undefined ? now - (Duration ?? 60) * 60_000 : StartTime.getTime(),
        );
        return {
          Events: this.#told.filter(
            (event) =>
              (event.Date?.getTime() ?? 0) >= since &&
              (SourceIdentifier === undefined || event.SourceIdentifier === SourceIdentifier) &&
              (SourceType === undefined || event.SourceType === SourceType),
          ),
        };
      },
    };
    return { DescribeEvents: describe };
  }

  #startAfterSevenDays(instance: Instance): void {
    const { clock, start } = this.#options;
    const stop = this.#told.length;
    clock.after(LONGEST_STOP, () => {
      // Started by somebody meanwhile: another stop has a clock of its own.
      const since = this.#told.slice(stop).filter((event) => event.SourceIdentifier === instance.identifier);
      if (instance.status !== 'stopped' || since.length > 0) return;
      start(instance);
      this.happened('forced-start', instance);
    });
  }
}
