import { z } from 'zod';

/** What `--faults` may hold: faults of single AWS calls, and faults of the world. Unknown ones are refused. */
export const ServiceFault = z.strictObject({
  /** `rds`, `ec2`, `ssm`, `ses`, `s3`, `secretsmanager`, `states`. */
  service: z.enum(['rds', 'ec2', 'ssm', 'ses', 's3', 'secretsmanager', 'states']),
  /** Operation as the SDK names it, e.g. `CreateDBSnapshot`. */
  operation: z.string().min(1),
  /** Which call of that operation: 1 is the first. Default 1. */
  nth: z.number().int().min(1).default(1),
  /**
   * `throttle` and `error` answer so in place of the call; `drop-before` cuts the connection before it took effect,
   * `drop-after` afterwards; `slow` answers after the SDK's timeout; `kill-function` ends the calling function.
   */
  kind: z.enum(['throttle', 'error', 'drop-before', 'drop-after', 'slow', 'kill-function']),
  /** How many calls in a row. Default 1. */
  times: z.number().int().min(1).default(1),
});
export type ServiceFault = z.infer<typeof ServiceFault>;

const world = <Name extends string>(name: Name) => ({ world: z.literal(name) });

export const WorldFault = z.discriminatedUnion('world', [
  /** The snapshot ends `failed`. */
  z.strictObject(world('snapshot-fails')),
  /** The snapshot of a server's volume ends `error`. */
  z.strictObject(world('volume-snapshot-fails')),
  /** The restored instance ends `incompatible-restore`. */
  z.strictObject(world('restore-fails')),
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
  /** Somebody starts the database again while the run stops it. */
  z.strictObject(world('started-by-someone-else')),
  /** A server stays `stopping`. `server` (name) default: the first. */
  z.strictObject({ ...world('server-will-not-stop'), server: z.string().optional() }),
  /** The database refuses connections from the beginning. */
  z.strictObject(world('database-unreachable')),
  /** The approver says no. */
  z.strictObject(world('approval-denied')),
]);
export type WorldFault = z.infer<typeof WorldFault>;

export type Fault = z.infer<typeof ServiceFault> | z.infer<typeof WorldFault>;
