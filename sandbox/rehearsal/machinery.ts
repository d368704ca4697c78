import { dirname, join } from 'node:path';
import { CallLog } from '../aws/call-log.ts';
import { type Endpoint, startEndpoint } from '../aws/endpoint.ts';
import { CallerDirectory } from '../aws/iam/authorization.ts';
import type { Deployment } from '../deployment.ts';
import { LambdaFunction } from '../play/lambda/lambda.ts';
import { SandboxClock } from '../play/simulated-clock.ts';
import { Interpreter } from '../play/states/interpreter.ts';
import { makeCertificates, type ServerCertificate } from '../world/database/certificates.ts';
import { FaultInjector } from '../world/fault-injection.ts';
import { healthHosts, WebFront } from '../world/web/web-front.ts';

/** Access key of the person at the keyboard. */
export const OPERATOR_KEY = 'AKIASANDBOXOPERATOR';

export interface MachineryOptions {
  deployment: Deployment;
  /** Simulated seconds in a real second while everything waits; `Infinity`: nothing is waited for. */
  speed: number;
  /** Simulated time at the beginning, in milliseconds since the epoch. */
  start: number;
}

/**
 * What a sandbox keeps from one run to the next, as AWS does: the functions with their warm environments, the endpoint, the
 * interpreter of the state machine, the clock. Of the world that it works on it knows only what {@link Machinery.use} tells it.
 */
export class Machinery {
  readonly deployment: Deployment;
  readonly clock: SandboxClock;
  readonly certificate: ServerCertificate;
  readonly callers: CallerDirectory;
  readonly interpreter: Interpreter;
  readonly endpoint: Endpoint;
  /** Where the hosts of the health checks lead. */
  readonly web: WebFront;
  readonly functions: readonly LambdaFunction[];
  #world: { injector: FaultInjector; logDirectory: string } | undefined;

  private constructor(
    options: MachineryOptions,
    clock: SandboxClock,
    certificate: ServerCertificate,
    callers: CallerDirectory,
    endpoint: Endpoint,
    web: WebFront,
  ) {
    this.deployment = options.deployment;
    this.clock = clock;
    this.certificate = certificate;
    this.callers = callers;
    this.endpoint = endpoint;
    this.web = web;
    this.interpreter = new Interpreter(clock);
    this.functions = options.deployment.functions.map(
      (deployed) =>
        new LambdaFunction(deployed, {
          clock,
          endpointUrl: endpoint.url,
          region: options.deployment.account.region,
          caCertificate: certificate.ca,
          ways: web.ways,
          compileCache: join(dirname(deployed.bundleDirectory), 'compiled'),
          logDirectory: () => this.#used().logDirectory,
          nextFault: (step) => this.#used().injector.nextInvocation(step),
        }),
    );
  }

  static async start(options: MachineryOptions): Promise<Machinery> {
    const { deployment } = options;
    const clock = new SandboxClock(options.speed, options.start);
    const callers = new CallerDirectory(deployment.functions);
    const { partition, account } = deployment.account;
    callers.addOperator(OPERATOR_KEY, `arn:${partition}:iam::${account}:user/operator`);
    const { database, startup } = deployment.config;
    const hosts = healthHosts(startup.health);
    const certificate = await makeCertificates(options.start, database.iamUser, hosts);
    // Nobody calls before there is a world.
    const nothing = { services: {}, callers, clock, faults: new FaultInjector(), log: new CallLog(clock) };
    const endpoint = await startEndpoint(nothing);
    const web = await WebFront.open(startup.health, certificate);
    return new Machinery(options, clock, certificate, callers, endpoint, web);
  }

  /** Works on this world from now on. The one before must have come to rest ({@link Machinery.idle}). */
  use(world: { injector: FaultInjector; logDirectory: string }): void {
    this.#world = world;
  }

  /** Loads the interpreter and the functions of a shutdown, side by side with whatever else is made. The others begin when they are called. */
  warm(): void {
    this.interpreter.warm();
    const definition = JSON.stringify(this.deployment.stateMachine.definition);
    for (const each of this.functions) if (definition.includes(`"${each.deployed.arn}"`)) each.warm();
  }

  /** Resolves when no function works any more. */
  async idle(): Promise<void> {
    await Promise.all(this.functions.map((each) => each.idle()));
  }

  function(step: string): LambdaFunction | undefined {
    return this.functions.find((each) => each.deployed.step === step);
  }

  async stop(): Promise<void> {
    await this.interpreter.stop();
    await Promise.all(this.functions.map((each) => each.stop()));
    await this.endpoint.close();
    await this.web.close();
    this.clock.stop();
  }

  #used(): { injector: FaultInjector; logDirectory: string } {
    if (this.#world === undefined) throw new Error('a function was invoked before there was a world');
    return this.#world;
  }
}
