import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { HealthResult } from '../../../../functions/contract/health-state.ts';
import type { Deployment } from '../../../../sandbox/deployment.ts';
import { makeWorkFolder } from '../../../../sandbox/rehearsal/leftovers/work-folder.ts';
import { Machinery } from '../../../../sandbox/rehearsal/machinery.ts';
import { deploymentFor } from '../../../../sandbox/rehearsal/rehearse.ts';
import { type Sandbox, startSandbox } from '../../../../sandbox/rehearsal/sandbox.ts';
import { FEW_ROWS } from '../../../../sandbox/world/database/crm.ts';
import { StandingDatabases } from '../../../../sandbox/world/database/standing.ts';
import { READER } from '../../../../sandbox/world/database/world.ts';
import { parseFaults } from '../../../../sandbox/world/fault-injection.ts';
import { MARK } from '../../../../sandbox/world/servers/flag.ts';
import { systems } from '../../../../systems.ts';

/** Of each kind one. The authority of the first is the company's own, which the sandbox has no certificate of. */
const health = [
  {
    name: 'page',
    http: { url: 'https://web-1.crm.internal:8443/health', text: 'Welcome', ca: rootCertificates[0] },
  },
  {
    name: 'front door',
    http: { url: 'http://crm.example.com/?full=1', headers: { 'x-lights-out': 'health' } },
  },
  { name: 'queue', tcp: { host: 'worker-1.crm.internal', port: 5672 } },
  {
    name: 'data',
    sql: { database: 'crm', statement: 'SELECT count(*) > 0 FROM public.accounts', expect: 't' },
  },
  { name: 'files', script: { server: 'app-1', path: '/opt/crm/bin/healthy' } },
].map((check) => ({ ...check, deadlineMinutes: 1 }));

const START = Date.parse('2026-11-30T05:00:00Z');

let folder: string;
let deployment: Deployment;
let machinery: Machinery;
let databases: StandingDatabases;

beforeAll(async () => {
  folder = await makeWorkFolder();
  const file = join(folder, 'systems.mjs');
  writeFileSync(
    file,
    `export const systems = ${JSON.stringify([{ ...systems[0], startup: { health } }])};\n`,
  );
  deployment = await deploymentFor({ systems: file, input: {} });
  machinery = await Machinery.start({ deployment, speed: Number.POSITIVE_INFINITY, start: START });
  databases = await StandingDatabases.create({
    engine: 'postgres',
    certificate: machinery.certificate,
    workDirectory: folder,
    database: 'crm',
    reader: READER,
    byToken: false,
    andThen: undefined,
  });
}, 120_000);

afterAll(async () => {
  await machinery?.stop();
  await databases?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A CRM that is up, and what goes wrong with it. @param real servers run scripts, databases are made anew. */
async function crm({
  faults = [],
  real = false,
}: {
  faults?: object[];
  real?: boolean;
} = {}): Promise<Sandbox> {
  await databases.reset();
  const sandbox = await startSandbox({
    deployment,
    out: mkdtempSync(join(folder, 'out-')),
    faults: parseFaults(JSON.stringify(faults)),
    rows: FEW_ROWS,
    speed: machinery.clock.speed,
    start: machinery.clock.now(),
    standing: { machinery, databases: real ? undefined : databases },
  });
  onTestFinished(() => sandbox.stop());
  sandbox.begin();
  return sandbox;
}

/** Calls the function until it is done, as the workflow of a start-up does. @returns its answers, the error last where it threw one. */
async function checkHealth(
  sandbox: Sandbox,
  calls = 100,
): Promise<{ rounds: HealthResult[]; error?: string }> {
  const rounds: HealthResult[] = [];
  const { endpointPort: port } = sandbox.databases.source.server;
  const state = {
    run: { id: '20261130-0500-c02f2ce2' },
    config: deployment.config,
    database: { address: '127.0.0.1', port },
  };
  while (rounds.length < calls) {
    const last = rounds.at(-1);
    const payload = {
      action: 'check',
      execution: { id: 'arn:x', name: 'x', startTime: '2026-11-30T05:00:00Z' },
      state: { ...state, ...(last === undefined ? {} : { health: last }) },
    };
    try {
      const answer = (await machinery.function('health')?.invoke(payload)) as HealthResult;
      rounds.push(answer);
      if (answer.done) return { rounds };
      await sandbox.clock.sleep(answer.waitSeconds * 1000);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return { rounds, error: `${error.name}: ${error.message}` };
    }
  }
  return { rounds };
}

async function putFlag({ servers }: Sandbox): Promise<void> {
  const server = servers.servers.find(({ name }) => name === 'web-1');
  const file = join(server?.supervisor.root ?? '', '/var/lib/crm/maintenance.flag');
  await mkdir(dirname(file), { recursive: true });
  writeFileSync(file, `${MARK}\n`);
}

const answersOf = ({ rounds }: { rounds: HealthResult[] }): Record<string, string> =>
  Object.fromEntries((rounds.at(-1)?.checks ?? []).map(({ name, lastAnswer }) => [name, lastAnswer]));

describe('a CRM that is back', { timeout: 120_000 }, () => {
  it('is found healthy past the maintenance page, with nothing but the rights of the function', async () => {
    const sandbox = await crm();
    await putFlag(sandbox);

    const result = await checkHealth(sandbox);

    expect(result.error).toBeUndefined();
    expect(result.rounds.at(-1)).toMatchObject({ done: true });
    expect(answersOf(result)).toEqual({
      page: 'HTTP 200: CRM ready\\nWelcome\\n',
      'front door': 'HTTP 200: CRM ready\\n',
      queue: 'the connection was accepted',
      data: 'the expected value',
      files: 'exit code 0',
    });
    expect(sandbox.defects).toEqual([]);
  });

  it('is found healthy by programs that really run', async () => {
    const result = await checkHealth(await crm({ real: true }));

    expect(result.error).toBeUndefined();
    expect(result.rounds.at(-1)).toMatchObject({ done: true });
    expect(answersOf(result)).toMatchObject({ files: 'exit code 0' });
  });

  it('is not found healthy while a service is down, and by the program of its server alone when that is another', async () => {
    const sandbox = await crm({ real: true });
    const server = sandbox.servers.servers.find(({ name }) => name === 'app-1');
    await server?.supervisor.stop();

    const result = await checkHealth(sandbox, 3);

    expect(answersOf(result)).toMatchObject({
      page: expect.stringMatching(/^HTTP 200/),
      'front door': 'HTTP 502; expected 200: Bad gateway\\n',
      queue: 'the connection was accepted',
      files: 'exit code 1',
    });
  });

  it('is not found healthy while its database is away', async () => {
    const sandbox = await crm();
    sandbox.databases.sourceDatabase.status = 'stopped';

    expect(answersOf(await checkHealth(sandbox, 1))).toMatchObject({
      page: 'HTTP 502; expected 200: Bad gateway\\n',
      'front door': 'HTTP 502; expected 200: Bad gateway\\n',
    });
  });
});

describe('a fault of the world', { timeout: 120_000 }, () => {
  it.each([
    ['page', 'HTTP 502; expected 200: Bad gateway\\n'],
    ['queue', 'the connection was accepted and closed at once'],
    ['files', 'exit code 1'],
  ])('health-never-green keeps "%s" red until the deadline', async (check, words) => {
    const sandbox = await crm({ faults: [{ world: 'health-never-green', check }] });

    const { rounds, error } = await checkHealth(sandbox);

    expect(error).toMatch(/^HealthNotGreen: /);
    expect(error).toContain(JSON.stringify(`"${check}" (${words})`).slice(1, -1));
    expect(rounds.length).toBeGreaterThan(3);
    expect(sandbox.injector.unused()).toEqual([]);
  });

  it('health-flaps is found out in the last round, and lets nobody in while it lasts', async () => {
    const once = await checkHealth(
      await crm({ faults: [{ world: 'health-flaps', check: 'front door', times: 1 }] }),
    );
    const fallen = once.rounds.findIndex(({ lastRound }, index) => {
      const after = once.rounds[index + 1];
      return lastRound !== undefined && after !== undefined && !after.done && after.lastRound === undefined;
    });

    expect(fallen).toBeGreaterThan(-1);
    expect(once.rounds.at(-1)).toMatchObject({ done: true });

    const always = await checkHealth(await crm({ faults: [{ world: 'health-flaps', check: 'front door' }] }));
    expect(always.error).toMatch(/^HealthNotGreen: .*front door/);
  });

  it('health-sees-maintenance-page shows the page as long as the flag stands', async () => {
    const sandbox = await crm({ faults: [{ world: 'health-sees-maintenance-page' }] });
    await putFlag(sandbox);

    const { error } = await checkHealth(sandbox);

    expect(error).toMatch(/^HealthNotGreen: .*HTTP 503; expected 200: The CRM is down for maintenance/);
    expect(sandbox.injector.unused()).toEqual([]);
  });

  it('health-sees-maintenance-page with status 200 is told from the CRM by the text', async () => {
    const sandbox = await crm({ faults: [{ world: 'health-sees-maintenance-page', status: 200 }] });
    await putFlag(sandbox);

    expect(answersOf(await checkHealth(sandbox, 1))).toMatchObject({
      page: 'HTTP 200; without the expected text: The CRM is down for maintenance\\n',
    });
  });

  it('health-hangs holds up nobody else, and is over when the server answers again', async () => {
    const sandbox = await crm({ faults: [{ world: 'health-hangs', times: 2 }] });

    const { rounds } = await checkHealth(sandbox);

    expect(rounds[0]?.checks).toMatchObject([
      { green: false, inARow: 0, lastAnswer: 'no complete answer within 10 s' },
      { inARow: 1 },
      { inARow: 1 },
      { inARow: 1 },
      {},
    ]);
    expect(rounds.at(-1)).toMatchObject({ done: true });
    expect(sandbox.injector.unused()).toEqual([]);
  });

  it('health-hangs of a program is a program that does not end', async () => {
    const sandbox = await crm({ faults: [{ world: 'health-hangs', check: 'files' }] });

    const { error } = await checkHealth(sandbox);

    expect(error).toMatch(/the program did not end within 10 s/);
  });
});
