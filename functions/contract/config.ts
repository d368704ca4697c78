import { z } from 'zod';
import { Database } from './database-config.ts';
import { Files } from './files-config.ts';
import { healthProblems } from './health-config.ts';
import { Verification } from './input.ts';
import { Notices, Person } from './notices-config.ts';
import { placeProblems } from './place-problems.ts';
import { Exceptions, Schedule } from './schedule-config.ts';
import { Startup } from './startup-config.ts';
import { CompanyTags } from './tags-config.ts';
import { TimeZone } from './time-zone.ts';
import { channelProblems } from './webhook-config.ts';

export type { Language, Person } from './notices-config.ts';

const DurationMinutes = z.number().int().positive();

/** One server of the CRM: an EC2 instance with the SSM agent. */
const Server = z.strictObject({
  /** What services, plan and report call the server. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/, 'expected lower-case letters, digits and hyphens, e.g. "web-1"'),
  /** Id of the EC2 instance. */
  instanceId: z
    .string()
    .regex(/^i-([0-9a-f]{8}|[0-9a-f]{17})$/, 'expected an EC2 instance id, e.g. "i-0123456789abcdef0"'),
  /** How services are stopped there: by systemd, or as Windows services. */
  platform: z.enum(['linux', 'windows'], { error: 'expected "linux" or "windows"' }),
});
export type Server = z.infer<typeof Server>;

const Service = z.strictObject({
  /** Name of the systemd unit (`.service` may be left out) or of the Windows service, as its server knows it. */
  name: z.string().min(1, 'expected the name of a service, e.g. "nginx" or "MSSQL$CRM"'),
  /** Name of the server it runs on. */
  server: z.string(),
  /** Services stop tier by tier, lowest first (what feeds others first), and start in reverse. Default 1. */
  tier: z.number().int().min(1).max(99).default(1),
  /** How long the service may take to stop or start, in seconds. Default 120. */
  timeoutSeconds: z.number().int().min(5).max(3600).default(120),
});
export type Service = z.infer<typeof Service>;

/** How user sessions are counted and what happens to those who stay. */
const Drain = z.strictObject({
  /** What happens when sessions remain at the deadline: roll back (`abort`), or go on without them (`proceed`). Default `abort`. */
  policy: z.enum(['abort', 'proceed'], { error: 'expected "abort" or "proceed"' }).default('abort'),
  /** How long users get to leave after maintenance mode is on. Default 15 minutes. */
  timeoutMinutes: DurationMinutes.max(24 * 60).default(15),
  /** Database users that are not people: services, monitoring. */
  ignoreUsers: z.array(z.string().min(1)).default([]),
  /**
   * `application_name`s (SQL Server: `program_name`s) that are not people.
   *
   * @example ['crm-monitoring']
   */
  ignoreApplications: z.array(z.string().min(1)).default([]),
  /**
   * A query that returns one integer, the number of signed-in users, in place of counting connections. It runs read-only; on SQL Server as
   * a table in another query's FROM, so without WITH and ORDER BY.
   *
   * @example 'SELECT count(*) FROM crm_sessions WHERE ended_at IS NULL'
   */
  sessionQuery: z.string().min(1).max(2000).optional(),
});

const Network = z.strictObject({
  /** VPC of the database. */
  vpcId: z.string().regex(/^vpc-[0-9a-f]{8,17}$/, 'expected a VPC id, e.g. "vpc-0123456789abcdef0"'),
  /** Subnets of the functions that talk to the database (private, with a way to S3; to Secrets Manager unless `database.iamUser` is used). */
  subnetIds: z
    .array(
      z.string().regex(/^subnet-[0-9a-f]{8,17}$/, 'expected a subnet id, e.g. "subnet-0123456789abcdef0"'),
    )
    .min(1),
  /** Security group of those functions: the database must let it in. */
  securityGroupId: z
    .string()
    .regex(/^sg-[0-9a-f]{8,17}$/, 'expected a security group id, e.g. "sg-0123456789abcdef0"'),
});

/** ARN of an IAM role, of any partition. */
const RoleArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/,
    'expected the ARN of an IAM role, e.g. "arn:aws:iam::123456789012:role/HeadOfOperations"',
  );

/** One CRM, as `systems.ts` describes it. Checked at synth, deployed with the code of the functions that read it, read by the plan of each run. */
export const SystemConfig = z
  .strictObject({
    /** Part of every resource's name: at most 20 lower-case letters, digits and hyphens. */
    name: z
      .string()
      .regex(
        /^[a-z](?!.*--)[a-z0-9-]{0,18}[a-z0-9]$/,
        'expected 2 to 20 lower-case letters, digits and single hyphens, e.g. "crm"',
      ),
    /** What people call it, in the notices. */
    displayName: z.string().min(1).max(80),
    /** IANA time zone of schedule and notices. */
    timeZone: TimeZone,
    /** AWS account and Region of the stack. Default: where `cdk deploy` is run. */
    environment: z
      .strictObject({
        /**
         * Number of the account.
         *
         * @example '123456789012'
         */
        account: z.string().regex(/^\d{12}$/, 'expected 12 digits'),
        /**
         * Code of the Region.
         *
         * @example 'cn-north-1'
         */
        region: z.string().regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'expected an AWS Region, e.g. "eu-central-1"'),
      })
      .optional(),
    /** Where the functions run that talk to the database. */
    network: Network,
    /** The RDS database that is proved and stopped. */
    database: Database,
    /** The EC2 instances of the CRM, each with the SSM agent. */
    servers: z.array(Server).min(1),
    /** What runs on the servers and is stopped before the backup. Default: nothing. */
    services: z.array(Service).default([]),
    /** How users are kept out: a flag file that the CRM's web server looks for. Left out: there is no maintenance mode. */
    maintenance: z
      .strictObject({
        /** Names of the servers that look for the flag. */
        servers: z.array(z.string()).min(1),
        /** While this file exists, users see the maintenance page. */
        flagFile: z.string().min(1, 'expected an absolute path, e.g. "/var/lib/crm/maintenance.flag"'),
      })
      .optional(),
    /** How user sessions are counted and what happens to those who stay. */
    drain: Drain.prefault({}),
    /** The CRM's files: what is done with the servers' EBS volumes. Default: snapshots of all of them. */
    files: Files.prefault({}),
    /** Pending system updates: `report` them in the plan, `require` that there are none, or `install` them first. Default `report`. */
    updates: z
      .enum(['report', 'require', 'install'], { error: 'expected "report", "require" or "install"' })
      .default('report'),
    /** `full` restores the snapshot and compares every table; `none` stops the database without a proved backup, on record. Default `full`. */
    verification: Verification.default('full'),
    /**
     * Whether a run's input may say `verification: "none"`, so that the database stops without a proved backup. Default `false`.
     *
     * @example true
     */
    allowUnverified: z.boolean({ error: 'expected true or false' }).optional(),
    /**
     * Whether a run's input may say `emergency: true`, with a reason: users are told at once and not waited for, and the operators hear of it. Left out: no run may.
     *
     * @example { verification: 'none' }
     */
    emergency: z
      .strictObject({
        /**
         * `none`: in an emergency the input may also say `verification: "none"`, so that the database stops without a proved backup. Default `full`.
         *
         * @example 'none'
         */
        verification: Verification.default('full'),
      })
      .optional(),
    /**
     * What is done when the source's own counters say, just before the point of no return, that its databases were written to after their backup.
     * `roll-back`: the run is rolled back at once, so that nobody waits. `compare-again`: the source is read once more and compared with what was
     * verified; equal, the run goes on, on record; different, it is rolled back. Where the counters cannot tell whose write it was, the
     * source is read once more under both. Default `roll-back`.
     *
     * @example 'compare-again'
     */
    lateWrites: z
      .enum(['roll-back', 'compare-again'], { error: 'expected "roll-back" or "compare-again"' })
      .default('roll-back'),
    /** How the system comes back after a shutdown. */
    startup: Startup.prefault({}),
    /** Second person's approval. Left out: none is needed. */
    approval: z
      .strictObject({
        /** Who is asked by mail. May be empty where a webhook serves `approvers`. Default: nobody. */
        approvers: z.array(Person).default([]),
        /**
         * ARNs of the IAM users or roles that may answer through the API.
         *
         * @example ['arn:aws:iam::123456789012:role/HeadOfOperations']
         */
        principals: z
          .array(
            z
              .string()
              .regex(/^arn:aws[a-z-]*:(iam|sts)::\d{12}:.+$/, 'expected the ARN of an IAM user or role'),
          )
          .min(1),
        /**
         * ARNs of roles whose trust policy lets each person take one session name only (`sts:RoleSessionName`): their sessions are as many people
         * as they have names. Default: none, so all sessions of a role count as one person, but for the roles of IAM Identity Center.
         *
         * @example ['arn:aws:iam::123456789012:role/HeadOfOperations']
         */
        pinnedSessionRoles: z.array(RoleArn).optional(),
        /**
         * How long they have. Default 60 minutes.
         *
         * @example 120
         */
        timeoutMinutes: DurationMinutes.max(7 * 24 * 60).default(60),
      })
      .optional(),
    /**
     * What is done when somebody starts the database or a server while the system is meant to be off: tell the operators, or stop it again as
     * well. Default `notify`.
     *
     * @example 'stop'
     */
    drift: z.enum(['notify', 'stop'], { error: 'expected "notify" or "stop"' }).default('notify'),
    /**
     * Which verified snapshots are kept, of the database and of the volumes: the newest `snapshots` of shutdowns, as many of running systems, and all of the last `days`; older
     * ones are deleted. `keep-all` deletes none. Default: 12, and 90 days. One that was not verified is never deleted.
     */
    retention: z
      .union([
        z.literal('keep-all'),
        z.strictObject({
          /**
           * So many of the newest are kept.
           *
           * @example 12
           */
          snapshots: z.number().int().min(1).max(1000).default(12),
          /**
           * All that are younger are kept.
           *
           * @example 90
           */
          days: z.number().int().min(1).max(3650).default(90),
        }),
      ])
      .prefault({}),
    /**
     * Tags of the company, on everything that a run makes and that the stack holds.
     *
     * @example { 'cost-center': '4711' }
     */
    tags: CompanyTags.default({}),
    /**
     * Whether what a run makes carries the tags of what it was made of too: snapshots and copies of the database those of the database, copies of volumes those of the volume. (Snapshots of
     * volumes always do.) Tags that begin with `aws:` cannot be copied. Default `false`.
     *
     * @example true
     */
    copyTags: z.boolean({ error: 'expected true or false' }).default(false),
    /** Who is told, in which languages, how long before. */
    notices: Notices,
    /** When users are out and back by themselves: one pair of times, or a list. Left out: a run is started by hand or by the API. */
    schedule: Schedule.optional(),
    /**
     * Days on which no schedule shuts the system down, such as those before a year's end. A start-up is never kept from its time. Default none.
     */
    exceptions: Exceptions.default([]),
  })
  .check((context) => {
    const system = context.value;
    const names = new Set(system.servers.map((server) => server.name));
    const expected = `expected one of: ${[...names].join(', ')}`;
    const problem = (path: (string | number)[], message: string): void => {
      context.issues.push({ code: 'custom', path, message, input: system });
    };
    for (const { path, message } of [...placeProblems(system), ...healthProblems(system)])
      problem(path, message);
    const { checkServer } = system.files;
    if (checkServer !== undefined && !names.has(checkServer))
      problem(['files', 'checkServer'], `no server is called "${checkServer}"; ${expected}`);
    for (const { path, message } of channelProblems(system)) problem(path, message);
  });

/** A validated system: every default filled in. */
export type SystemConfig = z.output<typeof SystemConfig>;
/** A system as written in `systems.ts`: optional keys may be left out. */
export type SystemConfigInput = z.input<typeof SystemConfig>;
