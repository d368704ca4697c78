import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AlarmWorld } from '../aws/alarms/alarm-world.ts';
import { CallLog } from '../aws/call-log.ts';
import { EventBus } from '../aws/events/bus.ts';
import { RdsEvents } from '../aws/events/rds.ts';
import { emitExecutions, emitServers } from '../aws/events/sources.ts';
import { EventTargets } from '../aws/events/targets.ts';
import { RateLimits } from '../aws/rate-limits.ts';
import { ReadMemory } from '../aws/read-memory.ts';
import { createEbs } from '../aws/services/ebs.ts';
import { createEc2 } from '../aws/services/ec2.ts';
import { createKms } from '../aws/services/kms.ts';
import { ObjectStore } from '../aws/services/object-store.ts';
import { startClusterLater } from '../aws/services/rds/clusters.ts';
import { startLater } from '../aws/services/rds/instances.ts';
import { createRds } from '../aws/services/rds/rds.ts';
import { createBucket } from '../aws/services/s3.ts';
import { createSecretsManager } from '../aws/services/secretsmanager.ts';
import { createSes, type Mailbox } from '../aws/services/ses.ts';
import { createSsm } from '../aws/services/ssm.ts';
import { createStates } from '../aws/services/states.ts';
import type { Deployment } from '../deployment.ts';
import { lived } from '../play/lambda/timeouts.ts';
import type { SandboxClock } from '../play/simulated-clock.ts';
import { Executions } from '../play/states/executions.ts';
import { admissionBy } from '../world/database/admission.ts';
import { isCluster } from '../world/database/cluster-description.ts';
import { ConnectionWatch } from '../world/database/connection-faults.ts';
import type { RowCounts } from '../world/database/crm.ts';
import type { StandingDatabases } from '../world/database/standing.ts';
import { DatabaseWorld } from '../world/database/world.ts';
import { FaultInjector } from '../world/fault-injection.ts';
import type { Fault, WorldFault } from '../world/faults.ts';
import { KeyWorld } from '../world/keys.ts';
import { NoticeLog } from '../world/notice-log.ts';
import { type ApiAnswer, type ApiRequest, askApi, callApi } from '../world/people/operator-api.ts';
import { type People, peopleOf } from '../world/people/persons.ts';
import { ServerWorld } from '../world/servers/world.ts';
import { Rooms } from '../world/webhooks/rooms.ts';
import { addHealth } from './add-health.ts';
import { addPeople } from './add-people.ts';
import { makeWorkFolder } from './leftovers/work-folder.ts';
import { Machinery } from './machinery.ts';
import { stopEverything, strikeAtStates } from './moments.ts';
import { letIntakeWrite, tellOfDatabases } from './start-faults.ts';

export interface SandboxOptions {
  deployment: Deployment;
  /** The rehearsal's output folder. */
  out: string;
  faults: Fault[];
  seedSql?: string | undefined;
  /** How many rows the generated CRM has. Default: 100,000 in all. */
  rows?: RowCounts | undefined;
  speed: number;
  /** Simulated time at the beginning, in milliseconds since the epoch. */
  start: number;
  /** Notes the connections between functions and databases. Default: only where a fault may hit one. */
  watchConnections?: boolean | undefined;
  /** What earlier runs left standing. Default: everything is made anew. */
  standing?: Standing | undefined;
}

/** What outlives a run. */
export interface Standing {
  machinery: Machinery;
  /** Stand for every database of a run, and servers then answer without running a script. Default: databases are made anew, and scripts run. */
  databases?: StandingDatabases | undefined;
}

/** The AWS of a laptop with one system deployed in it, everything running. */
export interface Sandbox {
  /** Lets simulated time run: until then nothing of it is lost. */
  begin(): void;
  /** Holds simulated time from now on: what is looked at stays as it is. */
  freeze(): void;
  clock: SandboxClock;
  url: string;
  defects: readonly Error[];
  executions: Executions;
  bus: EventBus;
  /** Alarms of the stack, and whom they told. */
  alarms: AlarmWorld;
  databases: DatabaseWorld;
  keys: KeyWorld;
  servers: ServerWorld;
  mailbox: Mailbox;
  /** Where the webhooks of the system lead. */
  rooms: Rooms;
  calls: CallLog;
  /** Where connections are watched or disturbed. */
  connections: ConnectionWatch | undefined;
  injector: FaultInjector;
  people: People;
  /** Calls the operator API as a person would. @throws Error when its function was lost. */
  call(request: ApiRequest): Promise<ApiAnswer>;
  /** The same, of what is to be answered with 200. */
  ask(request: ApiRequest): Promise<unknown>;
  stop(): Promise<void>;
}

/** Builds the world of a deployment and starts it. What was started is stopped again when a later part cannot be. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { deployment, out, faults, speed, standing } = options;
  const quick = standing?.databases !== undefined;
  const cleanUps: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  };
  try {
    return await build();
  } catch (error) {
    await stop();
    throw error;
  }

  async function build(): Promise<Sandbox> {
    const machinery =
      standing?.machinery ?? (await Machinery.start({ deployment, speed, start: options.start }));
    const { clock, callers, endpoint, functions, interpreter } = machinery;
    if (standing === undefined) cleanUps.push(() => machinery.stop());
    // While the world is being made, simulated time runs at real speed.
    const release = clock.work();
    cleanUps.push(release);
    const worldFaults = faults.filter((fault): fault is WorldFault => 'world' in fault);
    const workDirectory = await makeWorkFolder();
    cleanUps.push(() => rm(workDirectory, { recursive: true, force: true }));
    for (const folder of ['evidence', 'logs', 'mail']) await mkdir(join(out, folder), { recursive: true });
    const injector = new FaultInjector(faults, {
      kill: (caller, how) => machinery.function(caller.function)?.end(how),
      stop: (stop) => stopEverything(stop, executions, functions),
      now: () => clock.now(),
      ...(quick
        ? { pass: (caller, milliseconds) => machinery.function(caller.function)?.pass(milliseconds) }
        : {}),
    });
    const onFault = (name: WorldFault['world']): void => injector.happened(name);
    machinery.use({ injector, logDirectory: join(out, 'logs') });
    machinery.warm();

    const isWatched = options.watchConnections === true || faults.some((fault) => 'database' in fault);
    const connections = isWatched ? new ConnectionWatch(functions, injector, quick) : undefined;
    const keys = new KeyWorld({ deployment, callers, faults: worldFaults, onFault });
    const databases = await DatabaseWorld.create({
      deployment,
      clock,
      faults: worldFaults,
      seedSql: options.seedSql,
      rows: options.rows,
      admit: admissionBy(callers, clock, deployment.account),
      workDirectory,
      certificate: machinery.certificate,
      engine: standing?.databases,
      keys,
      disturb: connections === undefined ? undefined : (on) => connections.next(on),
      onFault,
    });
    cleanUps.push(() => databases.stop());
    const servers = new ServerWorld({
      deployment,
      clock,
      faults: worldFaults,
      workDirectory,
      quick,
      onFault,
    });
    addHealth({ machinery, servers, databases, injector, faults: worldFaults, onFault });
    await servers.start();
    cleanUps.push(() => servers.stop());
    const notices = new NoticeLog(clock, join(out, 'notices.jsonl'));
    const mailbox = createSes(deployment, clock, join(out, 'mail'), notices);
    const roomDefects: Error[] = [];
    const rooms = await Rooms.open({
      webhooks: deployment.config.notices.webhooks,
      clock,
      certificate: machinery.certificate,
      faults: worldFaults,
      directory: join(out, 'webhooks'),
      log: notices,
      onFault: () => onFault('webhook-fails'),
      onDefect: (problem) => roomDefects.push(new Error(problem)),
    });
    cleanUps.push(() => rooms.close());

    const calls = new CallLog(clock, join(out, 'calls.jsonl'));
    const executions = new Executions(deployment, clock, functions, interpreter);
    const evidence = new ObjectStore(join(out, 'evidence'));
    executions.readObject = (key) => evidence.get(key)?.bytes.toString('utf8');
    const alarms = new AlarmWorld({
      account: deployment.account,
      alarms: deployment.alarms,
      clock,
      path: join(out, 'alarms.jsonl'),
    });
    const targets = new EventTargets({ executions, functions, callers, alarms });
    const bus = new EventBus({
      deployment,
      clock,
      deliver: (target, payload) => targets.deliver(target, payload),
      onGivenUp: (target) => targets.gaveUp(target),
    });
    cleanUps.push(() => bus.stop());
    const rdsEvents = new RdsEvents({
      clock,
      emit: (event) => bus.emit(event),
      start: (resource) =>
        isCluster(resource) ? startClusterLater(databases, resource) : startLater(databases, resource),
    });
    tellOfDatabases(databases, rdsEvents);
    emitServers(bus, servers);
    letIntakeWrite(servers, databases);
    emitExecutions(bus, executions);
    executions.onEnd = ({ machine, status }) => alarms.executionEnded(machine.arn, status);
    strikeAtStates({ faults, clock, executions, databases, keys, servers, onFault });
    endpoint.use({
      services: {
        rds: { ...createRds(databases), ...rdsEvents.operations() },
        ec2: { ...createEc2(servers, keys), ...createEbs(servers, servers.volumes, keys) },
        ssm: createSsm(servers),
        ses: mailbox.operations,
        s3: createBucket(join(out, 'evidence'), deployment.bucket, {
          partition: deployment.account.partition,
          mayList: (caller, arn) => callers.allows(caller, 's3:ListBucket', arn),
        }),
        secretsmanager: createSecretsManager(new Map([...secretsOf(deployment, databases), ...rooms.stored])),
        states: createStates(executions),
        kms: createKms(keys),
      },
      callers,
      clock,
      faults: injector,
      log: calls,
      limits: new RateLimits({
        now: () => lived(clock),
        faults: worldFaults,
        onFault: () => onFault('rate-limit'),
        isLifted: () => injector.isLifted,
      }),
      memory: faults.some((fault) => 'kind' in fault && fault.kind === 'stale')
        ? new ReadMemory()
        : undefined,
    });
    // The endpoint begins anew for another world; these are this one's.
    const ownDefects = endpoint.defects;
    cleanUps.push(() => calls.close());
    cleanUps.push(async () => {
      executions.stop();
      if (standing === undefined) return;
      // Nobody waits any more: what still runs ends by itself before the world goes.
      clock.forget();
      await machinery.idle();
    });
    const people = peopleOf(deployment, databases.hasFault('requester-approves'));
    await addPeople(
      { clock, databases, servers, injector, mailbox, rooms, executions, people, functions },
      { url: endpoint.url, region: deployment.account.region, cleanUps },
    );
    return {
      begin: release,
      freeze: () => {
        cleanUps.push(clock.work());
      },
      clock,
      url: endpoint.url,
      get defects() {
        return [...ownDefects, ...roomDefects, ...targets.lost, ...alarms.defects];
      },
      executions,
      bus,
      alarms,
      databases,
      keys,
      servers,
      mailbox,
      rooms,
      calls,
      connections,
      injector,
      people,
      call: (request) => callApi(functions, request),
      ask: (request) => askApi(functions, request),
      stop,
    };
  }
}

/** What Secrets Manager keeps: nothing where the database's user signs in by IAM. */
function secretsOf(
  { config }: Deployment,
  { secretValue }: Pick<DatabaseWorld, 'secretValue'>,
): Map<string, string> {
  const arn = config.database.credentialsSecretArn;
  return new Map(arn === undefined || secretValue === undefined ? [] : [[arn, secretValue]]);
}
