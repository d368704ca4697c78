import { z } from 'zod';

const world = <Name extends string>(name: Name) => ({ world: z.literal(name) });

/** Of a server (its name). Default: the first of the configuration. */
const server = z.string().optional();

/** Of a service. Default: the first to be started, one of the highest tier. */
const service = z.string().optional();

/** At most a week: then RDS would have started the database anyway. */
const minutes = z
  .number()
  .positive()
  .max(7 * 24 * 60);

/** Faults of the world that strike when a database, a server or a service starts again. */
export const START_FAULTS = [
  /**
   * EC2 has no room for a server: StartInstances answers `InsufficientInstanceCapacity`. For so many calls (`times`), or for so many `minutes`
   * after the first of them. With neither: for ever.
   */
  z.strictObject({
    ...world('no-capacity'),
    server,
    times: z.number().int().min(1).optional(),
    minutes: minutes.optional(),
  }),
  /** The status checks of a started server stay `initializing` for so many minutes. */
  z.strictObject({ ...world('status-checks-slow'), server, minutes: minutes.default(30) }),
  /** A status check of a started server fails, and goes on failing. */
  z.strictObject({
    ...world('status-check-fails'),
    server,
    check: z.enum(['instance', 'system']).default('instance'),
  }),
  /** The SSM agent of a started server answers only so many minutes after it runs. */
  z.strictObject({ ...world('agent-late'), server, minutes: minutes.default(20) }),
  /** EC2 takes a start and the server falls back to `stopped`, as where its volumes' key may not be used. `times`: so often. Default: always. */
  z.strictObject({ ...world('start-stays-stopped'), server, times: z.number().int().min(1).optional() }),
  /** A started service falls down again so many times, each time a few seconds later, and is started again by its service manager. */
  z.strictObject({ ...world('service-flaps'), service, times: z.number().int().min(1).max(20).default(2) }),
  /** A service fails as soon as it is started. It runs until it is stopped for the first time. */
  z.strictObject({ ...world('service-will-not-start'), service }),
  /** A service is not enabled: it does not come up with its server. */
  z.strictObject({ ...world('service-not-enabled'), service }),
  /** A service that comes up with its server changes a row of the database at once, where the database takes connections. `table` default: the largest. */
  z.strictObject({ ...world('intake-writes-at-start'), service, table: z.string().optional() }),
  /**
   * The start of a server removes the flag of maintenance mode, wherever it lies: something cleans up there. With `inMemory` because the flag's
   * file system is one in memory, as the server says when it is asked. `server` default: every server with a flag.
   */
  z.strictObject({ ...world('flag-lost'), server, inMemory: z.boolean().optional() }),
  /** A stopped database stays `starting` for so many minutes. */
  z.strictObject({ ...world('database-starts-slowly'), minutes: minutes.default(60) }),
  /** A row is changed while the database is stopped. `table` (`schema.table`) default: the largest with a primary key. */
  z.strictObject({ ...world('changed-while-off'), table: z.string().optional() }),
  /** RDS starts the stopped database by itself, so many hours after it was stopped: in the middle of the night. */
  z.strictObject({
    ...world('database-starts-by-itself'),
    hours: z
      .number()
      .positive()
      .max(7 * 24)
      .default(9),
  }),
] as const;
