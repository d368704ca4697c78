import type { SystemConfigInput } from '../functions/contract/config.ts';
import { systems } from '../systems.ts';
import { synthesise } from './support/synthesis.ts';

/**
 * Every shape of system that the judges of the tests look at: what a stack holds depends on these and on nothing else.
 * A new option of the configuration that adds or removes a resource, a permission or a state gets a dimension here.
 */
const DIMENSIONS = {
  database: [
    'postgres instance',
    'postgres cluster',
    'mysql instance',
    'mysql cluster',
    'mariadb instance',
    'sqlserver instance',
  ],
  signIn: ['secret', 'secret under a key', 'iam'],
  approval: ['none', 'second person'],
  updates: ['report', 'require', 'install'],
  files: ['none', 'snapshot', 'verify'],
  platform: ['linux', 'windows', 'both'],
  partition: ['aws', 'aws-cn', 'aws-us-gov'],
  maintenance: ['on', 'none'],
  schedule: ['on', 'none'],
  verification: ['full', 'none'],
  channels: ['mail', 'webhook beside mail', 'webhook alone'],
  keys: ['of AWS', 'customer managed'],
  drift: ['notify', 'stop'],
  retention: ['some', 'all'],
  services: ['some', 'none'],
  tags: ['none', 'of the company'],
} as const;

type Dimensions = typeof DIMENSIONS;
type Choice = { -readonly [Name in keyof Dimensions]: Dimensions[Name][number] };

/** One system, what makes it special, and where it is deployed. */
export interface Shape {
  name: string;
  system: SystemConfigInput;
  environment: { account: string; region: string };
}

const ACCOUNT = '123456789012';
const REGIONS = { aws: 'eu-central-1', 'aws-cn': 'cn-north-1', 'aws-us-gov': 'us-gov-west-1' } as const;

const [EXAMPLE] = systems;
if (EXAMPLE === undefined) throw new Error('systems.ts holds no example');
const example: SystemConfigInput = EXAMPLE;

/** RDS for SQL Server has no IAM database authentication, and is told so by the configuration's schema. */
const isPossible = ({ database, signIn }: Choice): boolean =>
  !(database === 'sqlserver instance' && signIn === 'iam');

/** The example of `systems.ts` in one shape. */
function systemOf(choice: Choice): SystemConfigInput {
  const [engine, kind] = choice.database.split(' ') as ['postgres', 'instance'];
  const partition = choice.partition;
  const region = REGIONS[partition];
  const arn = (service: string, resource: string): string =>
    `arn:${partition}:${service}:${service === 'iam' ? '' : region}:${ACCOUNT}:${resource}`;
  const { credentialsSecretArn: _secret, kmsKeyArn: _key, ...database } = example.database;
  const platformOf = (index: number): 'linux' | 'windows' => {
    if (choice.platform !== 'both') return choice.platform;
    return index % 2 === 0 ? 'linux' : 'windows';
  };
  const { schedule, maintenance, ...rest } = example;
  const windowsFlag = { servers: ['web-1'], flagFile: 'C:\\crm\\maintenance.flag' };
  return {
    ...rest,
    environment: { account: ACCOUNT, region },
    database: {
      ...database,
      engine,
      kind,
      ...(choice.signIn === 'iam'
        ? { iamUser: 'lights_out' }
        : { credentialsSecretArn: arn('secretsmanager', 'secret:crm-db-lights-out-a1b2c3') }),
      ...(choice.signIn === 'secret under a key'
        ? { credentialsKeyArn: arn('kms', 'key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9') }
        : {}),
      ...(choice.keys === 'customer managed'
        ? { kmsKeyArn: arn('kms', 'key/1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809') }
        : {}),
    },
    servers: example.servers.map((server, index) => ({ ...server, platform: platformOf(index) })),
    ...(choice.maintenance === 'none'
      ? {}
      : { maintenance: choice.platform === 'windows' ? windowsFlag : maintenance }),
    ...(choice.approval === 'none'
      ? {}
      : {
          approval: {
            approvers: [{ address: 'head-of-operations@example.com' }],
            principals: [arn('iam', 'role/HeadOfOperations')],
          },
        }),
    notices: noticesOf(choice, arn),
    updates: choice.updates,
    files: {
      backup: choice.files,
      ...(choice.keys === 'customer managed'
        ? { kmsKeyArns: [arn('kms', 'key/2a3b4c5d-6e7f-8091-a2b3-c4d5e6f70819')] }
        : {}),
    },
    verification: choice.verification,
    drift: choice.drift,
    ...(choice.tags === 'none' ? {} : { tags: { 'cost-center': '4711' }, copyTags: true }),
    ...(choice.retention === 'all' ? { retention: 'keep-all' as const } : {}),
    ...(choice.services === 'none' ? { services: [] } : {}),
    ...(choice.schedule === 'none' ? {} : { schedule }),
  };
}

/** Where SES is not, what only mail reached before is reached by a webhook beside it. */
function noticesOf(
  { channels, partition }: Choice,
  arn: (service: string, resource: string) => string,
): SystemConfigInput['notices'] {
  const { from, ...others } = example.notices;
  if (channels === 'mail' && partition !== 'aws-cn')
    return { ...others, ...(from === undefined ? {} : { from }) };
  const room = (name: string, audiences: ('users' | 'operators' | 'approvers')[]) => ({
    name,
    audiences,
    secretArn: arn('secretsmanager', `secret:${name}-a1b2c3`),
    keyArn: arn('kms', 'key/3a4b5c6d-7e8f-9011-b2c3-d4e5f6071820'),
  });
  return {
    ...others,
    ...(channels === 'webhook alone' || from === undefined ? {} : { from }),
    webhooks: [room('crm-room', ['users']), room('ops-room', ['operators', 'approvers'])],
  };
}

const names = Object.keys(DIMENSIONS) as (keyof Dimensions)[];

/**
 * Choices in which every value of every dimension meets every value of every other at least once (all pairs): what goes wrong in
 * a stack goes wrong where two options meet. Greedy and without chance, so that a shape keeps its name from run to run.
 */
function allPairs(): Choice[] {
  const pairs = new Set<string>();
  const pairOf = (one: string, a: string, two: string, b: string): string => `${one}=${a}&${two}=${b}`;
  names.forEach((one, index) => {
    for (const two of names.slice(index + 1))
      for (const a of DIMENSIONS[one])
        for (const b of DIMENSIONS[two])
          if (!(a === 'sqlserver instance' && b === 'iam')) pairs.add(pairOf(one, a, two, b));
  });
  const pairsOf = (choice: Partial<Choice>): string[] =>
    names.flatMap((one, index) =>
      names.slice(index + 1).flatMap((two) => {
        const [a, b] = [choice[one], choice[two]];
        return a === undefined || b === undefined ? [] : [pairOf(one, a, two, b)];
      }),
    );
  const chosen: Choice[] = [];
  while (pairs.size > 0) {
    const [seed] = pairs;
    const choice = Object.fromEntries(
      (seed ?? '').split('&').map((part) => part.split('=')),
    ) as Partial<Choice>;
    for (const name of names) {
      if (choice[name] !== undefined) continue;
      const candidates = DIMENSIONS[name].map((value) => ({ ...choice, [name]: value }) as Choice);
      const gain = (candidate: Choice): number =>
        isPossible(candidate) ? pairsOf(candidate).filter((pair) => pairs.has(pair)).length : -1;
      const best = candidates.reduce((one, other) => (gain(other) > gain(one) ? other : one));
      Object.assign(choice, best);
    }
    for (const pair of pairsOf(choice)) pairs.delete(pair);
    chosen.push(choice as Choice);
  }
  return chosen;
}

/** The largest system that Lights Out promises to serve: 500 servers, 2,000 services, 10,000 users, every option that adds something. */
export function largestSystem(): SystemConfigInput {
  const id = (index: number): string => `i-0a${index.toString(16).padStart(15, '0')}`;
  const servers = Array.from({ length: 500 }, (_, index) => ({
    name: `server-${index}`,
    instanceId: id(index),
    platform: index % 2 === 0 ? ('linux' as const) : ('windows' as const),
  }));
  const base = systemOf({
    database: 'postgres instance',
    signIn: 'secret under a key',
    approval: 'second person',
    updates: 'install',
    files: 'verify',
    platform: 'both',
    partition: 'aws',
    maintenance: 'on',
    schedule: 'on',
    verification: 'full',
    channels: 'webhook beside mail',
    keys: 'customer managed',
    drift: 'stop',
    retention: 'some',
    services: 'some',
    tags: 'of the company',
  });
  return {
    ...base,
    servers,
    services: Array.from({ length: 2000 }, (_, index) => ({
      name: `crm-business-service-${index}`,
      server: `server-${index % 500}`,
      tier: 1 + (index % 20),
    })),
    maintenance: { servers: ['server-0'], flagFile: '/var/lib/crm/maintenance.flag' },
    notices: {
      ...base.notices,
      users: Array.from({ length: 10_000 }, (_, index) => ({ address: `user.number.${index}@example.com` })),
    },
  };
}

const shapeOf = (choice: Choice): Shape => ({
  name: names.map((name) => choice[name]).join(', '),
  system: systemOf(choice),
  environment: { account: ACCOUNT, region: REGIONS[choice.partition] },
});

/** All shapes but the largest: a judge tries each. Every pair of options is among them. */
export const SHAPES: Shape[] = [
  { name: 'the example', system: example, environment: { account: ACCOUNT, region: REGIONS.aws } },
  ...allPairs().map(shapeOf),
];

/** The stack of a shape, as its template, deployed where the shape says. */
export const synthesiseShape = ({ system }: Shape) => synthesise(system);
