import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Server } from '../../../functions/contract/config.ts';
import type { Deployment } from '../../deployment.ts';
import type { SimulatedClock } from '../../play/clock.ts';
import { faultOf, type WorldFault } from '../faults.ts';
import { flagAt } from './flag.ts';
import { HealthPrograms } from './health-programs.ts';
import { emptyMemory, liveInMemory } from './memory-folders.ts';
import { type PublicAddress, publicAddressAtFirst } from './public-address.ts';
import { QuickSupervisor } from './quick-supervisor.ts';
import { ServerStarts } from './starts.ts';
import { type ActiveState, type ServiceManager, Supervisor } from './supervisor.ts';
import type { UnitOptions } from './unit-options.ts';
import { firstToStop, unitsOf } from './units.ts';
import { VolumeWorld } from './volumes.ts';

/** How long the servers have been up when the world begins, in milliseconds. */
const LONG_UP = 30 * 24 * 3600_000;

/** One EC2 instance of the sandbox. */
export interface SandboxServer extends Server {
  arn: string;
  availabilityZone: string;
  /** As EC2 says it. */
  state: 'pending' | 'running' | 'stopping' | 'stopped' | 'terminated';
  /** Why it last left a state: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html */
  stateReason?: { Code: string; Message: string } | undefined;
  /** Since when it is `running`, or was last: simulated time, in milliseconds. */
  runningSince: number;
  /** It was started again in this world. */
  hasStarted: boolean;
  /** What leads to it from the internet. */
  publicAddress: PublicAddress | undefined;
  /** The services on it. */
  units: UnitOptions[];
  supervisor: ServiceManager;
  /** The SSM agent answers, once it has called: {@link ServerStarts.hasAgentCalled}. */
  agentOnline: boolean;
  /** Stays `stopping`: the world fault `server-will-not-stop`. */
  willNotStop: boolean;
  /** EC2 refuses to stop it: the world fault `stop-protection`. */
  stopProtection: boolean;
  /** Terminated once it is stopped: the world fault `server-replaced`. */
  isReplaced: boolean;
  /** Patches that are missing. */
  missingPatches: number;
  launchedAt: Date;
}

export interface ServerWorldOptions {
  deployment: Deployment;
  clock: SimulatedClock;
  faults: WorldFault[];
  workDirectory: string;
  /** Told of a fault of the world when it strikes. */
  onFault?: (name: WorldFault['world']) => void;
  /** Services without processes, scripts without a shell. Default false: real ones. */
  quick?: boolean | undefined;
}

/** The servers of the sandbox with their services as real processes. */
export class ServerWorld {
  readonly options: ServerWorldOptions;
  readonly servers: SandboxServer[];
  /** Called when a server's state, as EC2 says it, has changed. */
  onState: (server: SandboxServer) => void = () => undefined;
  readonly volumes: VolumeWorld;
  /** What may go wrong when one of them starts. */
  readonly starts: ServerStarts;
  /** Called when a service has come up with its server. */
  onServiceBoot: (service: string) => void = () => undefined;
  /** Programs of the health checks. */
  readonly health: HealthPrograms;

  constructor(options: ServerWorldOptions) {
    this.options = options;
    const { config, account } = options.deployment;
    const { partition, region, account: id } = account;
    const named = (name: WorldFault['world']): string | undefined => {
      const fault = options.faults.find(
        (candidate) => candidate.world === name && !('at' in candidate && candidate.at !== undefined),
      );
      return fault === undefined
        ? undefined
        : (('server' in fault ? fault.server : undefined) ?? config.servers[0]?.name);
    };
    this.volumes = new VolumeWorld(options);
    this.starts = new ServerStarts({ ...options, first: config.servers[0]?.name });
    this.health = new HealthPrograms(config.startup.health);
    // No PowerShell runs here: a Windows server answers the documents as their scripts do.
    const servicesOf = ({ platform }: Server) =>
      options.quick === true || platform === 'windows' ? QuickSupervisor : Supervisor;
    this.servers = config.servers.map((server, index) => {
      const units = unitsOf(server, {
        config,
        faults: options.faults,
        onFault: (name) => options.onFault?.(name),
        onBoot: (service) => this.onServiceBoot(service),
      });
      const root = join(options.workDirectory, 'servers', server.name);
      return {
        ...server,
        arn: `arn:${partition}:ec2:${region}:${id}:instance/${server.instanceId}`,
        availabilityZone: this.volumes.zone(index),
        state: 'running',
        runningSince: options.clock.now() - LONG_UP,
        hasStarted: false,
        publicAddress: publicAddressAtFirst(index),
        units,
        supervisor: new (servicesOf(server))(root, units, options.clock),
        agentOnline: server.name !== named('agent-offline'),
        willNotStop: server.name === named('server-will-not-stop'),
        stopProtection: server.name === named('stop-protection'),
        isReplaced: server.name === named('server-replaced'),
        // One server has updates to report.
        missingPatches: index === config.servers.length - 1 ? 3 : 0,
        launchedAt: new Date(options.clock.now()),
      };
    });
  }

  /** Something on its server starts a service: a socket, a timer, a watchdog. Default: the first to be stopped. */
  bringBack(name = firstToStop(this.options.deployment.config)): void {
    const service = this.options.deployment.config.services.find((each) => each.name === name);
    const server = this.servers.find((each) => each.name === service?.server);
    if (service !== undefined) server?.supervisor.bringBack(service.name);
  }

  async start(): Promise<void> {
    for (const server of this.servers) {
      await mkdir(server.supervisor.root, { recursive: true });
      await server.supervisor.start();
      await this.putForeignFlag(server);
      this.health.install(server);
    }
    for (const server of this.serversThatLoseTheirFlag())
      if (faultOf(this.options.faults, 'flag-lost')?.inMemory === true)
        await liveInMemory(server.supervisor.root);
    await this.volumes.start(
      new Map(this.servers.map(({ instanceId, supervisor }) => [instanceId, supervisor.root])),
    );
  }

  /** A server boots: what was in memory is gone, and its enabled services come up with it. */
  async boot(server: SandboxServer): Promise<void> {
    const { root } = server.supervisor;
    await emptyMemory(root);
    const { maintenance } = this.options.deployment.config;
    if (maintenance !== undefined && this.serversThatLoseTheirFlag().includes(server)) {
      await rm(join(root, maintenance.flagFile), { force: true });
      this.options.onFault?.('flag-lost');
    }
    await server.supervisor.start();
  }

  /** The world fault `flag-lost`. */
  private serversThatLoseTheirFlag(): SandboxServer[] {
    const fault = faultOf(this.options.faults, 'flag-lost');
    const { maintenance } = this.options.deployment.config;
    if (fault === undefined || maintenance === undefined) return [];
    return this.servers.filter(
      ({ name }) => maintenance.servers.includes(name) && (fault.server ?? name) === name,
    );
  }

  /** Whatever goes wrong when something starts goes wrong no more. */
  mend(): void {
    this.starts.lift();
    for (const unit of this.servers.flatMap(({ units }) => units))
      Object.assign(unit, { isDisabled: false, isBroken: false, falls: 0 });
  }

  /** The world fault `flag-stands`. */
  private async putForeignFlag({ name, supervisor }: SandboxServer): Promise<void> {
    const { maintenance } = this.options.deployment.config;
    if (maintenance?.servers.includes(name) !== true) return;
    if (!this.options.faults.some(({ world }) => world === 'flag-stands')) return;
    const path = join(supervisor.root, maintenance.flagFile);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, 'closed for stocktaking\n');
    this.options.onFault?.('flag-stands');
  }

  find(instanceId: string): SandboxServer | undefined {
    return this.servers.find((server) => server.instanceId === instanceId);
  }

  /** True while any of the servers that look for it has the flag of Lights Out. */
  maintenance(): boolean {
    const { maintenance } = this.options.deployment.config;
    if (maintenance === undefined) return false;
    return this.servers.some(
      (server) =>
        server.state !== 'terminated' &&
        maintenance.servers.includes(server.name) &&
        flagAt(join(server.supervisor.root, maintenance.flagFile)) === 'ours',
    );
  }

  resources(): {
    servers: Record<string, string>;
    services: Record<string, 'active' | 'inactive'>;
    testVolumes: string[];
  } {
    const states: [string, ActiveState][] = this.servers.flatMap((server) =>
      Object.entries(server.supervisor.states()),
    );
    return {
      ...this.volumes.resources(),
      servers: Object.fromEntries(this.servers.map((server) => [server.instanceId, server.state])),
      services: Object.fromEntries(
        states.map(([name, state]) => [
          name,
          state === 'inactive' || state === 'failed' ? 'inactive' : 'active',
        ]),
      ),
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.supervisor.stop()));
    await this.volumes.stop();
  }
}
