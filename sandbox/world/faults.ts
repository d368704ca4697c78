import { z } from 'zod';
import { START_FAULTS } from './start-faults.ts';

/** As `--faults` and `calls.jsonl` name the services. */
const AnyService = z.enum(['rds', 'ec2', 'ssm', 'ses', 's3', 'secretsmanager', 'states', 'kms']);

/** What `--faults` may hold: faults of single AWS calls, of functions and of the world. Unknown ones are refused. */
export const ServiceFault = z.strictObject({
  /** `rds`, `ec2`, `ssm`, `ses`, `s3`, `secretsmanager`, `states`, `kms`. */
  service: AnyService,
  /** Operation as the SDK names it, e.g. `CreateDBSnapshot`. */
  operation: z.string().min(1),
  /** Step whose function makes the call, e.g. `report`. Then only its calls are counted. Default: anybody's. */
  function: z.string().min(1).optional(),
  /** Which call of that operation: 1 is the first. Default 1. */
  nth: z.number().int().min(1).default(1),
  /**
   * `throttle` and `error` answer so in place of the call; `drop-before` cuts the connection before it took effect,
   * `drop-after` afterwards; `slow` takes effect and answers after the SDK's timeout; `stale` answers a read as it was before the last
   * write of that service; `kill-function` ends the calling function, `time-out-function` lets it hang until Lambda's time-out ends it.
   */
  kind: z.enum([
    'throttle',
    'error',
    'drop-before',
    'drop-after',
    'slow',
    'stale',
    'kill-function',
    'time-out-function',
  ]),
  /** Of `kill-function` and `time-out-function`: before the call takes effect, or after it did. Default `after`. */
  when: z.enum(['before', 'after']).optional(),
  /** How many calls in a row. Default 1. */
  times: z.number().int().min(1).default(1),
});
export type ServiceFault = z.infer<typeof ServiceFault>;

/** A fault of the invocation of a function, as Step Functions meets it. */
export const FunctionFault = z.strictObject({
  /** Step name of the function, e.g. `snapshot`. */
  invocation: z.string().min(1),
  /** Which invocation of it: 1 is the first. Default 1. */
  nth: z.number().int().min(1).default(1),
  /**
   * `twice` runs it two times, one after the other, `twice-at-once` side by side (Lambda invokes at least once); `lose-answer` runs it
   * and loses what it answered; `throttle` does not run it.
   */
  kind: z.enum(['twice', 'twice-at-once', 'lose-answer', 'throttle']),
  /** How many invocations in a row. Default 1. */
  times: z.number().int().min(1).default(1),
});
export type FunctionFault = z.infer<typeof FunctionFault>;
export type InvocationFault = FunctionFault['kind'];

/** Steps whose functions connect to the database itself. */
export const CONNECTING = ['inspect', 'drain', 'manifest', 'verify', 'health'] as const;

/** A fault of one connection between a function and a database server. */
export const ConnectionFault = z.strictObject({
  database: z.literal('connection'),
  /** Step whose function connects. Then only its connections are counted. Default: anybody's. */
  function: z.enum(CONNECTING).optional(),
  /** The CRM's own server, or the restored copy's. Default: both, counted together. */
  on: z.enum(['source', 'copy']).optional(),
  /** Which connection of those: 1 is the first. Default 1. */
  nth: z.number().int().min(1).default(1),
  /**
   * `refused` resets it as soon as it is made; `cut` ends it in the middle of the answer to a query; `hangs` answers nothing any more from a
   * query on, and leaves it open; `too-many-connections`, `starting-up` and `password-refused` answer the sign-in as the server does then.
   */
  kind: z.enum(['refused', 'cut', 'hangs', 'too-many-connections', 'starting-up', 'password-refused']),
  /** Of `cut` and `hangs`: which query of the connection. 0, of `hangs`: not even the sign-in is answered. Default 1. */
  query: z.number().int().min(0).optional(),
  /** How many connections in a row. Default 1. */
  times: z.number().int().min(1).default(1),
});
export type ConnectionFault = z.infer<typeof ConnectionFault>;

/** Statuses that no DB instance leaves by itself: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html */
const TerminalStatus = z.enum([
  'failed',
  'storage-full',
  'incompatible-restore',
  'incompatible-network',
  'inaccessible-encryption-credentials',
  'inaccessible-encryption-credentials-recoverable',
]);

/** Statuses that a DB instance leaves by itself (same page). */
const PassingStatus = z.enum(['backing-up', 'storage-optimization', 'modifying', 'maintenance']);

/** Whose state a fault strikes at. Default: the run's. */
const Machine = z.enum(['run', 'clean-up']);

/** Name of a state of the workflow, e.g. `Take snapshot`; of the start-up's where the shutdown has none of that name. */
const StateName = z.string().min(1);

const world = <Name extends string>(name: Name) => ({ world: z.literal(name) });

const health = <Name extends string>(name: Name) => ({
  ...world(name),
  /** Name of the check. Default: the first that it can strike. */
  check: z.string().optional(),
});

export const WorldFault = z.discriminatedUnion('world', [
  /** The snapshot ends `failed`. */
  z.strictObject(world('snapshot-fails')),
  /** The snapshot of a server's volume ends `error`. */
  z.strictObject(world('volume-snapshot-fails')),
  /** One file of the first restored volume is changed; with `silent`, its size and time stay as they were. */
  z.strictObject({ ...world('corrupt-volume'), silent: z.boolean().optional() }),
  /** The restored instance ends in this status. Default `incompatible-restore`. */
  z.strictObject({ ...world('restore-fails'), status: TerminalStatus.optional() }),
  /** The database itself gets into this status when the run enters the state `at`. */
  z.strictObject({ ...world('database-status'), status: TerminalStatus, at: StateName }),
  /** The database is busy with something that passes by itself, for so many minutes from the moment when the run enters the state `at`. */
  z.strictObject({
    ...world('database-busy'),
    status: PassingStatus.default('backing-up'),
    minutes: z
      .number()
      .positive()
      .max(24 * 60)
      .default(10),
    at: StateName.default('Plan'),
  }),
  /** EC2 refuses to stop a server: somebody has switched its stop protection on. `server` (name) default: the first. */
  z.strictObject({ ...world('stop-protection'), server: z.string().optional() }),
  /** The account's quota of manual snapshots or DB instances is used up: from the beginning, or when the run enters the state `at`. */
  z.strictObject({
    ...world('quota-reached'),
    quota: z.enum(['snapshots', 'instances']),
    at: StateName.optional(),
  }),
  /** Auto Scaling terminates a server once it is stopped, or when the run enters the state `at`. `server` (name) default: the first. */
  z.strictObject({ ...world('server-replaced'), server: z.string().optional(), at: StateName.optional() }),
  /** Another run of the system is started when the run (or the execution of CleanUp after it) enters the state `at`. */
  z.strictObject({ ...world('second-run'), at: StateName, of: Machine.optional() }),
  /**
   * An operator stops the execution of the run (or of CleanUp after it) when it enters the state `at`; with `called`, when that state has called
   * its function, which goes on; with `redriven`, redrives it so many seconds later.
   */
  z.strictObject({
    ...world('operator-aborts'),
    at: StateName,
    of: Machine.optional(),
    called: z.boolean().optional(),
    redriven: z.number().int().min(0).optional(),
  }),
  /**
   * At this call of any function, counted over the whole run, everything of the run stops at once: its functions are killed, before the call
   * takes effect or after it did, and its execution has ended, as aborted or out of time. With `event` `lost`, EventBridge tells nobody.
   */
  z.strictObject({
    ...world('everything-stops'),
    call: z.number().int().min(1),
    when: z.enum(['before', 'after']).default('after'),
    status: z.enum(['ABORTED', 'TIMED_OUT']).default('ABORTED'),
    event: z.enum(['told', 'lost']).default('told'),
  }),
  /** One cell of the restored copy is changed. `table` (`schema.table`) default: the largest. */
  z.strictObject({ ...world('corrupt-restore'), table: z.string().optional() }),
  /** The SSM agent of a server does not answer. `server` (name) default: the first. */
  z.strictObject({ ...world('agent-offline'), server: z.string().optional() }),
  /** One user never signs out. */
  z.strictObject(world('session-stays')),
  /** A service ignores being stopped. `service` default: the first to be stopped. */
  z.strictObject({ ...world('service-hangs'), service: z.string().optional() }),
  /** Somebody writes a row after the manifest was begun and before the snapshot. */
  z.strictObject(world('stray-write')),
  /**
   * Something writes to the source after its backup, when the run enters the state `at`. `table` (`schema.table`) default: the largest. With `undone` it takes its
   * change back at once: the contents are as before, the server's counters are not.
   */
  z.strictObject({
    ...world('late-write'),
    at: StateName.default('Restore test instance'),
    table: z.string().optional(),
    undone: z.boolean().optional(),
  }),
  /** A service that was stopped is started again by something on its server, when the run enters the state `at`. `service` default: the first to be stopped. With `writes` it writes to the source. */
  z.strictObject({
    ...world('service-comes-back'),
    at: StateName.default('Delete test instance'),
    service: z.string().optional(),
    writes: z.boolean().optional(),
  }),
  /** Somebody starts the database again while the run stops it. */
  z.strictObject(world('started-by-someone-else')),
  /** A server stays `stopping`. `server` (name) default: the first. */
  z.strictObject({ ...world('server-will-not-stop'), server: z.string().optional() }),
  /** The database refuses connections from the beginning. */
  z.strictObject(world('database-unreachable')),
  /** The database's storage is under a customer managed key that the configuration does not name. */
  z.strictObject(world('other-key')),
  /** The policy of the database's key lets the functions in no more: from the beginning, or when the run enters the state `at`. */
  z.strictObject({ ...world('key-denied'), at: StateName.optional() }),
  /** The database's key is disabled: from the beginning, or when the run enters the state `at`. */
  z.strictObject({ ...world('key-disabled'), at: StateName.optional() }),
  /** A server does not know a service of the configuration; in its place it knows `known`. `service` default: the first to be stopped. */
  z.strictObject({
    ...world('service-unknown'),
    service: z.string().optional(),
    known: z.string().optional(),
  }),
  /** A service that no list names needs one of the system's and would stop with it. `service` default: the first to be stopped. */
  z.strictObject({
    ...world('service-has-dependents'),
    service: z.string().optional(),
    by: z.string().min(1).default('crm-audit'),
  }),
  /** A file that somebody else made stands where the flag of maintenance mode belongs. */
  z.strictObject(world('flag-stands')),
  /** The patches of every server that has some missing cannot be installed. */
  z.strictObject(world('update-fails')),
  /**
   * Others in the account use AWS too: of this operation (default: all of the service together) the account has only so many calls left at once, and gets so many more
   * a second. What is above is answered as throttled.
   */
  z.strictObject({
    ...world('rate-limit'),
    service: AnyService,
    operation: z.string().min(1).optional(),
    burst: z.number().int().min(1).default(1),
    perSecond: z.number().positive().default(1),
  }),
  /** The approver says no. */
  z.strictObject(world('approval-denied')),
  /** The approver never answers. */
  z.strictObject(world('approval-unanswered')),
  /** The one who asked for the run tries to approve it in another guise, and nobody else answers. */
  z.strictObject(world('requester-approves')),
  /** Nobody approves, and somebody tells the workflow so all the same, with the task token from the execution's history. */
  z.strictObject(world('token-stolen')),
  /** The run is started in the console, though somebody has to approve it: nobody has proved who asked. */
  z.strictObject(world('console-start')),
  /** The run is started by the system's schedule. */
  z.strictObject(world('schedule-start')),
  /**
   * A webhook takes no message: it answers `status` (default 500), or the connection is `lost` once the message was sent, or `refused` from the
   * beginning. `webhook` (name) default: every one. `times`: how many messages, of each. Default: all.
   */
  z.strictObject({
    ...world('webhook-fails'),
    webhook: z.string().optional(),
    status: z.number().int().min(300).max(599).optional(),
    retryAfterSeconds: z.number().int().min(0).max(3600).optional(),
    connection: z.enum(['lost', 'refused']).optional(),
    times: z.number().int().min(1).optional(),
  }),
  ...START_FAULTS,
  /** A health check of a start-up never finds the CRM ready: 502 of the web server, no connection, exit code 1. */
  z.strictObject(health('health-never-green')),
  /** A health check finds the CRM ready `greens` times, then once not, and so on; `times`: how often it does not. Default: always. */
  z.strictObject({
    ...health('health-flaps'),
    greens: z.number().int().min(1).default(2),
    times: z.number().int().min(1).optional(),
  }),
  /** The way of a health check past the maintenance page does not lead past it: it gets the page, with `status`. */
  z.strictObject({
    ...health('health-sees-maintenance-page'),
    status: z.number().int().min(200).max(599).default(503),
  }),
  /** A web server takes the request of a health check and says nothing, or a program on a server does not end. `times`: how often. Default: always. */
  z.strictObject({ ...health('health-hangs'), times: z.number().int().min(1).optional() }),
]);
export type WorldFault = z.infer<typeof WorldFault>;

/** Everything of a run stops at once. */
export type Stop = Extract<WorldFault, { world: 'everything-stops' }>;

export type Fault = ServiceFault | FunctionFault | ConnectionFault | WorldFault;

/** A fault of the world with its details, the first of that name. */
export function faultOf<Name extends WorldFault['world']>(
  faults: readonly WorldFault[],
  name: Name,
): Extract<WorldFault, { world: Name }> | undefined {
  return faults.find((fault): fault is Extract<WorldFault, { world: Name }> => fault.world === name);
}
