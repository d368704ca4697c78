import type { DescribeEventsCommandInput, Event } from '@aws-sdk/client-rds';
import type { SimulatedClock } from '../../play/clock.ts';
import type { Cluster } from '../../world/database/cluster.ts';
import { isCluster } from '../../world/database/cluster-description.ts';
import type { Instance } from '../../world/database/instance.ts';
import type { Operation, ServiceOperations } from '../operation.ts';
import type { ServiceEvent } from './bus.ts';

export type RdsEventKind = 'stopped' | 'started' | 'forced-start';

type Events = Record<RdsEventKind, { id: string; message: string }>;

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html#USER_Events.Messages.instance */
const INSTANCE_EVENTS: Events = {
  stopped: { id: 'RDS-EVENT-0087', message: 'DB instance stopped.' },
  started: { id: 'RDS-EVENT-0088', message: 'DB instance started.' },
  'forced-start': {
    id: 'RDS-EVENT-0154',
    message: 'DB instance is being started due to it exceeding the maximum allowed time being stopped.',
  },
};

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Events.Messages.html#USER_Events.Messages.cluster */
const CLUSTER_EVENTS: Events = {
  stopped: { id: 'RDS-EVENT-0150', message: 'DB cluster stopped.' },
  started: { id: 'RDS-EVENT-0151', message: 'DB cluster started.' },
  'forced-start': {
    id: 'RDS-EVENT-0153',
    message: 'DB cluster is being started due to it exceeding the maximum allowed time being stopped.',
  },
};

const DAY = 86_400_000;

/** After this long RDS starts a stopped instance by itself: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html */
const LONGEST_STOP = 7 * DAY;

/** Events a page, unless asked otherwise: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEvents.html */
const PAGE = 100;

/** DescribeEvents knows the last 14 days. */
const KEPT = 14 * DAY;

interface Options {
  clock: SimulatedClock;
  emit(event: ServiceEvent): void;
  /** Starts a stopped instance or cluster, as RDS does it. */
  start(resource: Instance | Cluster): void;
}

/** What RDS tells of its instances and clusters, and what it does by itself: it starts what was stopped for seven days. */
export class RdsEvents {
  readonly #options: Options;
  readonly #told: Event[] = [];

  constructor(options: Options) {
    this.#options = options;
  }

  happened(kind: RdsEventKind, resource: Instance | Cluster): void {
    const { clock, emit } = this.#options;
    const ofCluster = isCluster(resource);
    const { id, message } = (ofCluster ? CLUSTER_EVENTS : INSTANCE_EVENTS)[kind];
    const date = new Date(clock.now());
    this.#told.push({
      SourceIdentifier: resource.identifier,
      SourceType: ofCluster ? 'db-cluster' : 'db-instance',
      SourceArn: resource.arn,
      Message: message,
      EventCategories: ['notification'],
      Date: date,
    });
    emit({
      source: 'aws.rds',
      'detail-type': ofCluster ? 'RDS DB Cluster Event' : 'RDS DB Instance Event',
      resources: [resource.arn],
      detail: {
        EventCategories: ['notification'],
        SourceType: ofCluster ? 'CLUSTER' : 'DB_INSTANCE',
        SourceArn: resource.arn,
        SourceIdentifier: resource.identifier,
        Date: date.toISOString(),
        Message: message,
        EventID: id,
        Tags: {},
      },
    });
    if (kind === 'stopped') this.startAfter(LONGEST_STOP, resource);
  }

  operations(): ServiceOperations {
    const describe: Operation<DescribeEventsCommandInput, unknown> = {
      // DescribeEvents knows no resource.
      resources: () => ['*'],
      run: ({ SourceIdentifier, SourceType, StartTime, EndTime, Duration = 60, Marker, MaxRecords }) => {
        const now = this.#options.clock.now();
        const since = Math.max(now - KEPT, StartTime?.getTime() ?? now - Duration * 60_000);
        // Whether a start alone means until now is not documented: the sandbox takes the narrower reading.
        const until =
          EndTime?.getTime() ?? (StartTime === undefined ? now : StartTime.getTime() + Duration * 60_000);
        const all = this.#told.filter(
          ({ Date: date, ...event }) =>
            (date?.getTime() ?? 0) >= since &&
            (date?.getTime() ?? 0) <= until &&
            (SourceIdentifier === undefined || event.SourceIdentifier === SourceIdentifier) &&
            (SourceType === undefined || event.SourceType === SourceType),
        );
        const first = Number(Marker ?? 0);
        const next = first + (MaxRecords ?? PAGE);
        return {
          Events: all.slice(first, next),
          ...(next < all.length ? { Marker: String(next) } : {}),
        };
      },
    };
    return { DescribeEvents: describe };
  }

  /** RDS starts by itself what was just stopped, so many milliseconds later, unless something happened to it meanwhile. */
  startAfter(
    milliseconds: number,
    resource: Instance | Cluster,
    started: () => void = () => undefined,
  ): void {
    const { clock, start } = this.#options;
    const stop = this.#told.length;
    clock.after(milliseconds, () => {
      // Started by somebody meanwhile: another stop has a clock of its own.
      const since = this.#told.slice(stop).filter((event) => event.SourceIdentifier === resource.identifier);
      if (resource.status !== 'stopped' || since.length > 0) return;
      start(resource);
      this.happened('forced-start', resource);
      started();
    });
  }
}
