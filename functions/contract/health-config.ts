import { z } from 'zod';
import { headerProblems, problemOfCertificates, problemOfUrl } from './health-request.ts';
import { isPathOf, problemOfPath } from './server-names.ts';

const Host = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?$/,
    'expected a host name or an IP address, e.g. "app-1.crm.internal"',
  );

const Port = z.number().int().min(1).max(65535);

const Http = z.strictObject({
  /**
   * Address that is asked by GET, in the reach of `network`: its security group must be let in. It must lead past the maintenance page, by a port or a header of its own.
   *
   * @example 'https://web-1.crm.internal:8443/health'
   */
  url: z
    .string()
    .max(1000)
    .check((context) => {
      const message = problemOfUrl(context.value);
      if (message !== undefined) context.issues.push({ code: 'custom', message, input: context.value });
    }),
  /**
   * Status of a green answer. A redirect is not followed: its answer has the status 302. Default 200.
   *
   * @example 204
   */
  status: z.number().int().min(200).max(599).default(200),
  /**
   * Text that must be in the first 64 KiB of the body. Take one that the maintenance page does not have: synth cannot know that page.
   *
   * @example 'CRM ready'
   */
  text: z.string().min(1).max(200).optional(),
  /**
   * Text that must not be in the first 64 KiB of the body, e.g. the title of the maintenance page.
   *
   * @example 'Down for maintenance'
   */
  notText: z.string().min(1).max(200).optional(),
  /**
   * Headers of the request, e.g. one that leads past the maintenance page. No secrets: they stand in the code and in a run's history. Default none.
   *
   * @example { 'x-lights-out': 'health' }
   */
  headers: z.record(z.string(), z.string()).default({}),
  /**
   * Certificates (PEM) of the authorities that vouch for an https address, in place of the public ones. Default: the public ones.
   *
   * @example '-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----'
   */
  ca: z.string().max(20_000).optional(),
});

const Tcp = z.strictObject({
  /**
   * Host that accepts connections, in the reach of `network`.
   *
   * @example 'app-1.crm.internal'
   */
  host: Host,
  /**
   * Port of the service.
   *
   * @example 6379
   */
  port: Port,
});

const Sql = z.strictObject({
  /**
   * Name of the database that is asked.
   *
   * @example 'crm'
   */
  database: z.string().min(1).max(128),
  /**
   * A SELECT, run read-only by the user of `database`, in which tables have the name of their schema. It is green if it gives a row, or the
   * value that `expect` says. On SQL Server it stands as a table in another query's FROM, so it has one column, and neither WITH nor ORDER BY.
   *
   * @example "SELECT value FROM public.settings WHERE name = 'schema_version'"
   */
  statement: z
    .string()
    .max(2000)
    .regex(/^\s*(?:select|with)\s/i, 'expected a SELECT, e.g. "SELECT count(*) FROM public.customers"'),
  /**
   * First column of the first row, as the database writes it as text. Default: any row is green.
   *
   * @example '42'
   */
  expect: z.string().max(1000).optional(),
});

const Script = z.strictObject({
  /**
   * Name of the server that the program stands on.
   *
   * @example 'app-1'
   */
  server: z.string(),
  /**
   * Absolute path of the program. It runs without arguments, as root or SYSTEM, for at most 10 s. Exit code 0 is green. It must only look.
   *
   * @example '/opt/crm/bin/healthy'
   */
  path: z.string(),
});

/** What a check looks at: exactly one of these. */
export const HEALTH_KINDS = ['http', 'tcp', 'sql', 'script'] as const;
export type HealthKind = (typeof HEALTH_KINDS)[number];

/** One health check of a start-up. Users are let in when all are green. */
export const HealthCheck = z
  .strictObject({
    /**
     * What people call the check, once in the list.
     *
     * @example 'sign-in page'
     */
    name: z
      .string()
      .regex(
        /^[^\p{Cc}\p{Zl}\p{Zp}]{1,60}$/u,
        'expected 1 to 60 characters in one line, e.g. "sign-in page"',
      ),
    /** A web server's answer. */
    http: Http.optional(),
    /** A service that accepts connections. */
    tcp: Tcp.optional(),
    /** A query's answer from the system's database. */
    sql: Sql.optional(),
    /** A program on a server of the system. */
    script: Script.optional(),
    /**
     * Seconds between two looks, and no less than a 600th of the longest `deadlineMinutes`. Default 10.
     *
     * @example 15
     */
    intervalSeconds: z.number().int().min(5).max(300).default(10),
    /**
     * So many green looks in a row make the check green. Before users are let in, all checks are looked at once more. Default 2.
     *
     * @example 3
     */
    inARow: z.number().int().min(1).max(20).default(2),
    /**
     * How long the check may take to become green, in minutes. Default 15.
     *
     * @example 30
     */
    deadlineMinutes: z.number().int().min(1).max(120).default(15),
  })
  .check((context) => {
    const check = context.value;
    const problem = (path: string[], message: string): void => {
      context.issues.push({ code: 'custom', path, message, input: check });
    };
    const kinds = HEALTH_KINDS.filter((kind) => check[kind] !== undefined);
    if (kinds.length !== 1)
      problem(
        [],
        `expected exactly one of ${HEALTH_KINDS.join(', ')}, found ${kinds.length === 0 ? 'none' : kinds.join(' and ')}`,
      );
    const needed = (check.inARow - 1) * check.intervalSeconds;
    if (needed >= check.deadlineMinutes * 60)
      problem(
        ['deadlineMinutes'],
        `${check.inARow} looks in a row take ${needed} s; expected more minutes than that, or a smaller inARow or intervalSeconds`,
      );
    for (const { path, message } of headerProblems(check.http?.headers ?? {}))
      problem(['http', 'headers', ...path], message);
    const { url = '', ca } = check.http ?? {};
    if (ca === undefined) return;
    if (url.toLowerCase().startsWith('http:'))
      problem(['http', 'ca'], 'is of https, but the address of this check is http; leave it out');
    const wrong = problemOfCertificates(ca);
    if (wrong !== undefined) problem(['http', 'ca'], wrong);
  });
export type HealthCheck = z.output<typeof HealthCheck>;

/** The part of a system that the checks are held against. */
interface Checked {
  servers: { name: string; platform: 'linux' | 'windows' }[];
  startup: { health: HealthCheck[] };
}

/** Problems of the checks that only the whole system shows: names, and the servers of the scripts. */
export function healthProblems({
  servers,
  startup,
}: Checked): { path: (string | number)[]; message: string }[] {
  const names = startup.health.map(({ name }) => name);
  return startup.health.flatMap(({ name, script }, index) => {
    const at = ['startup', 'health', index];
    const before = names.indexOf(name);
    const twice =
      before === index
        ? []
        : [
            {
              path: [...at, 'name'],
              message: `"${name}" is what startup.health[${before}].name says too; expected another`,
            },
          ];
    if (script === undefined) return twice;
    const server = servers.find((each) => each.name === script.server);
    if (server === undefined)
      return [
        ...twice,
        {
          path: [...at, 'script', 'server'],
          message: `no server is called "${script.server}"; expected one of: ${servers.map((each) => each.name).join(', ')}`,
        },
      ];
    const message =
      problemOfPath(script.path) ??
      (isPathOf(script.path, server.platform)
        ? undefined
        : `found ${JSON.stringify(script.path)}, expected a path of ${server.platform === 'linux' ? 'Linux' : 'Windows'}, which ${server.name} runs`);
    return message === undefined ? twice : [...twice, { path: [...at, 'script', 'path'], message }];
  });
}
