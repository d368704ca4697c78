import { READ } from '../world/fault-injection.ts';
import type { WorldFault } from '../world/faults.ts';
import type { ServiceName } from './operation.ts';

/** Tokens that an account has in one Region: so many at once, and so many more each second. */
interface Bucket {
  burst: number;
  perSecond: number;
}

interface Limit extends Bucket {
  service: ServiceName;
  /** Operations of one name share a bucket; undefined where the limit is not theirs. */
  bucketOf(operation: string): string | undefined;
  /** What a call costs. Default: one token. */
  tokens?(input: Record<string, unknown>): number;
}

/**
 * Step Functions, Standard workflows, outside the three large Regions, where some buckets are larger:
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-api-action-throttling-general
 */
const STATES: Record<string, Bucket> = {
  StartExecution: { burst: 800, perSecond: 150 },
  StopExecution: { burst: 500, perSecond: 25 },
  DescribeExecution: { burst: 250, perSecond: 10 },
  GetExecutionHistory: { burst: 400, perSecond: 20 },
  ListExecutions: { burst: 100, perSecond: 2 },
  SendTaskSuccess: { burst: 1_500, perSecond: 300 },
  SendTaskFailure: { burst: 1_500, perSecond: 300 },
};

/** "Resource token limits" of EC2: a token an instance. */
const INSTANCES: Record<string, Bucket> = {
  StopInstances: { burst: 1_000, perSecond: 20 },
  StartInstances: { burst: 1_000, perSecond: 2 },
};

/** What an account may ask for by default. Services without a number of their own in AWS's pages have no bucket: docs/not-run-on-aws.md. */
const LIMITS: readonly Limit[] = [
  // All operations and all callers together: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-api-throttling.html
  { service: 'rds', bucketOf: () => 'all', burst: 300, perSecond: 12 },
  // "Each API is evaluated individually"; non-mutating ones: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
  { service: 'ec2', bucketOf: (name) => (READ.test(name) ? name : undefined), burst: 100, perSecond: 20 },
  // The same page's tables; of these numbers only our memory of them is at hand: docs/not-run-on-aws.md.
  {
    service: 'ec2',
    bucketOf: (name) => (READ.test(name) || name === 'StartInstances' ? undefined : name),
    burst: 50,
    perSecond: 5,
  },
  {
    service: 'ec2',
    bucketOf: (name) => (name === 'StartInstances' ? name : undefined),
    burst: 5,
    perSecond: 2,
  },
  ...Object.entries(INSTANCES).map(([operation, bucket]) => ({
    service: 'ec2' as const,
    bucketOf: (name: string) => (name === operation ? `instances of ${name}` : undefined),
    tokens: ({ InstanceIds }: Record<string, unknown>) =>
      Array.isArray(InstanceIds) ? InstanceIds.length : 1,
    ...bucket,
  })),
  // "All actions (except for SendEmail, SendRawEmail, and SendTemplatedEmail)": https://docs.aws.amazon.com/ses/latest/dg/quotas.html.
  // Each by itself, as GetSendQuota's page has it: https://docs.aws.amazon.com/ses/latest/APIReference/API_GetSendQuota.html
  {
    service: 'ses',
    bucketOf: (name) => (/^Send(Raw|Templated)?Email$/.test(name) ? undefined : name),
    burst: 1,
    perSecond: 1,
  },
  ...Object.entries(STATES).map(([operation, bucket]) => ({
    service: 'states' as const,
    bucketOf: (name: string) => (name === operation ? name : undefined),
    ...bucket,
  })),
];

type Lowered = Extract<WorldFault, { world: 'rate-limit' }>;

interface Options {
  /** Time in which buckets fill, in milliseconds. */
  now: () => number;
  /** Faults of the world; those of a rate limit put a smaller bucket before the account's own. */
  faults?: readonly WorldFault[];
  /** A fault refused a call. */
  onFault?: () => void;
  /** Nothing goes wrong any more: only the account's own buckets count. */
  isLifted?: () => boolean;
}

interface Level {
  tokens: number;
  at: number;
}

/** The token buckets of an account: says of each call whether AWS would take it or answer "too fast". */
export class RateLimits {
  readonly #options: Options;
  readonly #levels = new Map<string, Level>();
  readonly #lowered: Limit[];

  constructor(options: Options) {
    this.#options = options;
    this.#lowered = (options.faults ?? [])
      .filter((fault): fault is Lowered => fault.world === 'rate-limit')
      .map(({ service, operation, burst, perSecond }) => ({
        service,
        bucketOf: (name) => (operation === undefined || operation === name ? 'lowered' : undefined),
        burst,
        perSecond,
      }));
  }

  /** Takes what the call costs from each of its buckets; takes nothing and answers false when one of them has too little. */
  take(service: ServiceName, operation: string, input: Record<string, unknown> = {}): boolean {
    const lowered = this.#options.isLifted?.() === true ? [] : this.#lowered;
    const all = [...LIMITS, ...lowered].flatMap((limit, index) => {
      const name = limit.service === service ? limit.bucketOf(operation) : undefined;
      if (name === undefined) return [];
      const cost = limit.tokens?.(input) ?? 1;
      return [{ limit, cost, level: this.#level(`${index} ${service} ${name}`, limit) }];
    });
    const short = all.find(({ level, cost }) => level.tokens < cost);
    if (short !== undefined) {
      if (this.#lowered.includes(short.limit)) this.#options.onFault?.();
      return false;
    }
    for (const { level, cost } of all) level.tokens -= cost;
    return true;
  }

  #level(key: string, { burst, perSecond }: Bucket): Level {
    const now = this.#options.now();
    const level = this.#levels.get(key) ?? { tokens: burst, at: now };
    level.tokens = Math.min(burst, level.tokens + (Math.max(0, now - level.at) / 1000) * perSecond);
    level.at = now;
    this.#levels.set(key, level);
    return level;
  }
}
