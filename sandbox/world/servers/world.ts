import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Server } from '../../../functions/contract/config.ts';
import type { Deployment } from '../../deployment.ts';
import type { SimulatedClock } from '../../play/clock.ts';
import type { WorldFault } from '../faults.ts';
import { flagAt } from './flag.ts';
import { QuickSupervisor } from './quick-supervisor.ts';
import { type ActiveState, type ServiceManager, Supervisor, type UnitOptions } from './supervisor.ts';
import { VolumeWorld } from './volumes.ts';

/** One EC2 instance of the sandbox. */
export interface SandboxServer extends Server {
  arn: string;
  availabilityZone: string;
  /** As EC2 says it. */
  state: 'pending' | 'running' | 'stopping' | 'stopped' | 'terminated';
  supervisor: ServiceManager;
  /** The SSM agent answers. */
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
    // No PowerShell runs here: a Windows server answers the documents as their scripts do.
    const servicesOf = ({ platform }: Server) =>
      options.quick === true || platform === 'windows' ? QuickSupervisor : Supervisor;
    this.servers = config.servers.map((server, index) => ({
      ...server,
      arn: `arn:${partition}:ec2:${region}:${id}:instance/${server.instanceId}`,
      availabilityZone: this.volumes.zone(index),
      state: 'running',
      supervisor: new (servicesOf(server))(
        join(options.workDirectory, 'servers', server.name),
        this.units(server),
        options.clock,
      ),
      agentOnline: server.name !== named('agent-offline'),
      willNotStop: server.name === named('server-will-not-stop'),
      stopProtection: server.name === named('stop-protection'),
      isReplaced: server.name === named('server-replaced'),
      // One server has updates to report.
      missingPatches: index === config.servers.length - 1 ? 3 : 0,
      launchedAt: new Date(options.clock.now()),
    }));
  }

  /** What a server runs: its services, as far as the world has not changed them. */
  private units(server: Server): UnitOptions[] {
    const { config } = this.options.deployment;
    const hanging = this.hangingService();
    const unknown = this.options.faults.find(({ world }) => world === 'service-unknown');
    const needed = this.options.faults.find(({ world }) => world === 'service-has-dependents');
    return config.services
      .filter((service) => service.server === server.name)
      .flatMap(({ name }): UnitOptions[] => {
        const unit = {
          name,
          hangs: name === hanging,
          onHang: () => this.options.onFault?.('service-hangs'),
        };
        if (unknown?.world === 'service-unknown' && name === (unknown.service ?? this.firstService())) {
          this.options.onFault?.('service-unknown');
          return unknown.known === undefined ? [] : [{ ...unit, name: unknown.known }];
        }
        if (needed?.world === 'service-has-dependents' && name === (needed.service ?? this.firstService())) {
          this.options.onFault?.('service-has-dependents');
          return [
            { ...unit, requiredBy: [`${needed.by}.service`] },
            { name: needed.by, hangs: false },
          ];
        }
        return [unit];
      });
  }

  private hangingService(): string | undefined {
    const fault = this.options.faults.find((candidate) => candidate.world === 'service-hangs');
    if (fault === undefined) return undefined;
    return ('service' in fault ? fault.service : undefined) ?? this.firstService();
  }

  /** The first to be stopped. */
  private firstService(): string | undefined {
    return [...this.options.deployment.config.services].sort((a, b) => a.tier - b.tier)[0]?.name;
  }

  /** Something on its server starts a service: a socket, a timer, a watchdog. Default: the first to be stopped. */
  bringBack(name = this.firstService()): void {
    const service = this.options.deployment.config.services.find((each) => each.name === name);
    const server = this.servers.find((each) => each.name === service?.server);
    if (service !== undefined) server?.supervisor.bringBack(service.name);
  }

  async start(): Promise<void> {
    for (const server of this.servers) {
      await mkdir(server.supervisor.root, { recursive: true });
      await server.supervisor.start();
      await this.putForeignFlag(server);
    }
    await this.volumes.start(
      new Map(this.servers.map(({ instanceId, supervisor }) => [instanceId, supervisor.root])),
    );
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
