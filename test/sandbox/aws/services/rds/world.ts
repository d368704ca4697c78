import type { ServiceOperations } from '../../../../../sandbox/aws/operation.ts';
import { createRds } from '../../../../../sandbox/aws/services/rds/rds.ts';
import type { Deployment } from '../../../../../sandbox/deployment.ts';
import type { SimulatedClock } from '../../../../../sandbox/play/clock.ts';
import type { DatabaseServer, SandboxEngine } from '../../../../../sandbox/world/database/database-server.ts';
import { DatabaseWorld } from '../../../../../sandbox/world/database/world.ts';
import type { DatabaseWorldOptions } from '../../../../../sandbox/world/database/world-options.ts';
import type { WorldFault } from '../../../../../sandbox/world/faults.ts';
import { system, systemInput } from '../../../../functions/fixtures.ts';

/** A server that only says what became of it. */
export class QuietServer implements DatabaseServer {
  endpointPort = 5432;
  running = false;
  /** Folder of the backup it was laid out from. */
  laidOut: string | undefined;
  initialise = async (): Promise<void> => undefined;
  start = async (): Promise<void> => {
    this.running = true;
  };
  stop = async (): Promise<void> => {
    this.running = false;
  };
  fill = async (): Promise<string[]> => ['crm'];
  takeBackup = async (): Promise<void> => undefined;
  layOut = async (backup: string): Promise<void> => {
    this.laidOut = backup;
  };
  changeOneCell = async (): Promise<void> => undefined;
  changeOneKeyedCell = async (): Promise<void> => undefined;
  writeLate = async (): Promise<void> => undefined;
  signIn = async (): Promise<never> => {
    throw new Error('nobody signs in here');
  };
}

/** The RDS of the sandbox, with servers that do nothing where the test brings no others, on a clock that the test moves. */
export interface TestRds {
  world: DatabaseWorld;
  /** Calls an operation as a function would; rejects as RDS does. */
  call(operation: string, input: object): Promise<Record<string, never>>;
  /** Lets simulated seconds pass; what is due happens, in order. */
  pass(seconds: number): Promise<void>;
  events: string[];
  clock: SimulatedClock;
}

export async function startTestRds(
  kind: 'instance' | 'cluster',
  faults: WorldFault[] = [],
  real: Partial<DatabaseWorldOptions> = {},
): Promise<TestRds> {
  const { clock, pass } = manualClock();
  const engine: SandboxEngine = {
    facts: {
      engine: 'postgres',
      version: '18.4',
      licenseModel: 'postgresql-license',
      masterUser: 'postgres',
      family: 'postgres18',
      optionFamily: 'postgres-18',
    },
    makeServer: () => new QuietServer(),
    greeting: (() => undefined) as unknown as SandboxEngine['greeting'],
  };
  const world = await DatabaseWorld.create({
    deployment: {
      account: { account: '123456789012', region: 'eu-central-1', partition: 'aws' },
      config: system({ database: { ...systemInput().database, kind } }),
    } as Deployment,
    clock,
    faults,
    admit: () => undefined,
    workDirectory: '/nowhere',
    certificate: { ca: '', certificate: '', key: '' } as never,
    engine,
    ...real,
  });
  const events: string[] = [];
  world.onEvent = (event, { identifier }) => events.push(`${identifier} ${event}`);
  const operations: ServiceOperations = createRds(world);
  return {
    world,
    pass,
    events,
    clock,
    call: async (operation, input) => operations[operation]?.run(input, { clock } as never),
  };
}

function manualClock(): { clock: SimulatedClock; pass: TestRds['pass'] } {
  let now = Date.parse('2026-11-27T14:00:00Z');
  let timers: { at: number; callback: () => void }[] = [];
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const clock = {
    now: () => now,
    after: (milliseconds: number, callback: () => void) => {
      timers.push({ at: now + milliseconds, callback });
      return () => undefined;
    },
    work: () => () => undefined,
  } as unknown as SimulatedClock;
  const pass = async (seconds: number): Promise<void> => {
    const end = now + seconds * 1000;
    for (;;) {
      await settle();
      const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      timers = timers.filter((timer) => timer !== next);
      now = next.at;
      next.callback();
    }
    now = end;
    await settle();
  };
  return { clock, pass };
}
