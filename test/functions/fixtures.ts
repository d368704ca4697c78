import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  type DeleteObjectCommandInput,
  GetObjectCommand,
  type GetObjectCommandInput,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, vi } from 'vitest';
import { SystemConfig, type SystemConfigInput } from '../../functions/contract/config.ts';
import type { Plan } from '../../functions/contract/plan-state.ts';
import type { ExecutionReference, RunContext } from '../../functions/contract/state.ts';

/** A system as small as the schema allows, with what the tests name. */
export function system(changes: Partial<SystemConfigInput> = {}): SystemConfig {
  return SystemConfig.parse(systemInput(changes));
}

export function systemInput(changes: Partial<SystemConfigInput> = {}): SystemConfigInput {
  return {
    name: 'crm',
    displayName: 'Sunrise CRM',
    timeZone: 'Asia/Shanghai',
    network: {
      vpcId: 'vpc-0a1b2c3d4e5f60718',
      subnetIds: ['subnet-0a1b2c3d4e5f60718'],
      securityGroupId: 'sg-0a1b2c3d4e5f60718',
    },
    database: {
      identifier: 'crm-db',
      engine: 'postgres',
      credentialsSecretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:crm-db-a1b2c3',
    },
    servers: [
      { name: 'web-1', instanceId: 'i-0a1b2c3d4e5f60718', platform: 'linux' },
      { name: 'app-1', instanceId: 'i-0b1c2d3e4f5061728', platform: 'linux' },
    ],
    services: [{ name: 'crm-api', server: 'app-1' }],
    maintenance: { servers: ['web-1'], flagFile: '/var/lib/crm/maintenance.flag' },
    notices: {
      from: 'crm-operations@example.com',
      users: [
        { address: 'all@example.com' },
        { address: 'desk@example.com', language: 'zh-CN' },
        { address: 'partners@example.com', language: 'en' },
      ],
      operators: [{ address: 'ops@example.com', language: 'en' }],
    },
    ...changes,
  };
}

export const execution: ExecutionReference = {
  id: 'arn:aws:states:eu-central-1:123456789012:execution:LightsOut-crm-Shutdown:night-1',
  name: 'night-1',
  startTime: '2026-11-27T13:30:00.000Z',
};

/** The run id of {@link execution}. */
export const RUN_ID = '20261127-1330-c02f2ce2';

export function runContext(changes: Partial<RunContext> = {}): RunContext {
  return {
    id: RUN_ID,
    system: 'crm',
    action: 'shutdown',
    executionArn: execution.id,
    startedAt: execution.startTime,
    at: '2026-11-27T14:00:00.000Z',
    dryRun: false,
    verification: 'full',
    ...changes,
  };
}

export function plan(changes: Partial<Plan> = {}): Plan {
  return {
    database: {
      identifier: 'crm-db',
      arn: 'arn:aws:rds:eu-central-1:123456789012:db:crm-db',
      resourceId: 'db-ABCDEFGHIJKLMNOPQRSTUVWXYZ',
      engine: 'postgres',
      engineVersion: '17.4',
      instanceClass: 'db.t4g.large',
      address: 'crm-db.example.eu-central-1.rds.amazonaws.com',
      port: 5432,
      allocatedStorageGib: 100,
      multiAz: false,
    },
    servers: [],
    pendingUpdates: [],
    reasons: [],
    warnings: [],
    expected: { totalSeconds: 2700, steps: {} },
    ...changes,
  };
}

/** What the run of {@link execution} calls its snapshot, and the copy that is made of it. */
export const IDENTIFIER = `lights-out-crm-${RUN_ID}`;

/** The tags of what a run makes. Default: of {@link execution}'s. */
export const tagsOf = (runId: string = RUN_ID, name = 'crm') => [
  { Key: 'lights-out:system', Value: name },
  { Key: 'lights-out:run', Value: runId },
];

/** The state of a run that has its plan. @param parts What later steps added, or what takes the place of these. */
export const planned = (parts: object = {}): object => ({
  run: runContext(),
  config: system(),
  plan: plan(),
  ...parts,
});

/** An error as the SDK throws it. */
export function awsError(name: string, httpStatusCode = 400, message = name): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

/** Time that stands still until somebody waits: a wait takes none, and `Date.now()` is as much later. Undone by `restoreMocks`. */
export function simulateTime(start: string | number): { now: number } {
  const clock = { now: new Date(start).getTime() };
  vi.spyOn(Date, 'now').mockImplementation(() => clock.now);
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, milliseconds = 0) => {
    clock.now += milliseconds;
    setImmediate(callback);
    return 0;
  }) as unknown as typeof setTimeout);
  return clock;
}

/** `Date` stands still in each test of a file: at this moment, until the test sets another with `vi.setSystemTime`. Timers run on. */
export function standStill(moment: string = execution.startTime): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(moment) });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

/** What every mocked client answers to a call that its test did not allow. */
export const unexpected = (): Error => new Error('unexpected call');

/** Before each test of a file: what the clients were told and asked is forgotten, and every call is unexpected until the test allows it. */
export function allowNothing(...clients: { reset(): unknown; rejects(error: Error): unknown }[]): void {
  beforeEach(() => {
    for (const client of clients) {
      client.reset();
      client.rejects(unexpected());
    }
  });
}

/** An execution that is not {@link execution}: of another run, or of CleanUp. */
export const ANOTHER_EXECUTION = execution.id.replace('night-1', 'night-2');

/** An evidence bucket in memory, with conditional puts and deletes as S3 makes them. */
export class Bucket {
  readonly objects = new Map<string, { text: string; etag: string }>();
  readonly mock = mockClient(S3Client);
  #etags = 0;

  constructor() {
    process.env['EVIDENCE_BUCKET'] = 'evidence';
    this.mock.rejects(unexpected());
    this.mock.on(GetObjectCommand).callsFake((input: GetObjectCommandInput) => {
      const held = this.#held(input);
      if (held === undefined) throw awsError('NoSuchKey', 404);
      return { Body: { transformToString: async () => held.text }, ETag: held.etag };
    });
    this.mock.on(PutObjectCommand).callsFake((input: PutObjectCommandInput) => {
      const held = this.#held(input);
      if (input.IfNoneMatch === '*' && held !== undefined) throw awsError('PreconditionFailed', 412);
      if (input.IfMatch !== undefined && held === undefined) throw awsError('NoSuchKey', 404);
      if (input.IfMatch !== undefined && input.IfMatch !== held?.etag)
        throw awsError('PreconditionFailed', 412);
      return { ETag: this.put(input.Key ?? '', String(input.Body)) };
    });
    this.mock.on(DeleteObjectCommand).callsFake((input: DeleteObjectCommandInput) => {
      const held = this.#held(input);
      if (held !== undefined && input.IfMatch !== undefined && input.IfMatch !== held.etag)
        throw awsError('PreconditionFailed', 412);
      this.objects.delete(input.Key ?? '');
      return {};
    });
  }

  put(key: string, value: unknown): string {
    this.#etags += 1;
    const etag = `"${this.#etags}"`;
    this.objects.set(key, { text: typeof value === 'string' ? value : JSON.stringify(value), etag });
    return etag;
  }

  /** The system's lock, held by an execution; `cleaning` names the one that CleanUp works for. Default: by {@link execution}. */
  lock(executionArn: string = execution.id, cleaning?: string): void {
    this.put('locks/crm', {
      runId: RUN_ID,
      executionArn,
      since: execution.startTime,
      ...(cleaning === undefined ? {} : { cleaning }),
    });
  }

  /** An object as JSON, or undefined when there is none. */
  read(key: string): unknown {
    const held = this.objects.get(key);
    return held === undefined ? undefined : JSON.parse(held.text);
  }

  #held(input: { Bucket?: string | undefined; Key?: string | undefined }) {
    if (input.Bucket !== 'evidence') throw unexpected();
    return this.objects.get(input.Key ?? '');
  }
}

/** How a run that was cleaned up meanwhile finds the lock: it may not go forward with any of them. */
export const LOCK_LOST: [string, (bucket: Bucket) => void, 'LockLost'][] = [
  ['another run holds the lock', (bucket) => bucket.lock(ANOTHER_EXECUTION), 'LockLost'],
  [
    'the run was cleaned up and the lock given back',
    (bucket) => bucket.objects.delete('locks/crm'),
    'LockLost',
  ],
  ['it is being cleaned up after', (bucket) => bucket.lock(ANOTHER_EXECUTION, execution.id), 'LockLost'],
];

/** Where this worker's tests have the code of a function, with the configuration beside it. */
const CODE = mkdtempSync(join(tmpdir(), 'lights-out-code-'));
process.once('exit', () => rmSync(CODE, { recursive: true, force: true }));

/** The configuration as it is deployed with a function's code, or what may be none at all. */
export function deployConfiguration(text: string): void {
  vi.stubEnv('LAMBDA_TASK_ROOT', CODE);
  vi.stubEnv('CONFIGURATION_FILE', 'configuration.json');
  writeFileSync(join(CODE, 'configuration.json'), text);
}

/** What SSM's ListCommandInvocations answers of a document of two steps, of which the server has run the first. */
export function invocationAnswer(
  status: string | undefined,
  output = '',
  {
    details = status,
    code = status === 'Success' ? 0 : -1,
  }: { details?: string | undefined; code?: number } = {},
): object {
  const own = { Name: 'linux', Status: status, StatusDetails: details, ResponseCode: code, Output: output };
  const other = { Name: 'windows', Status: 'Success', ResponseCode: 0, Output: 'Step execution skipped' };
  return {
    CommandInvocations: [{ Status: status, StatusDetails: details, CommandPlugins: [own, other] }],
  };
}

/** What `DescribeInstances` is asked with: ids in a filter. */
export interface AskedInstances {
  Filters?: { Name?: string; Values?: string[] }[];
}

export function askedInstances({ Filters = [] }: AskedInstances): string[] {
  return Filters.find(({ Name }) => Name === 'instance-id')?.Values ?? [];
}
