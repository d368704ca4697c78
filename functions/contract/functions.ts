import { EnvironmentVariable } from './environment.ts';

/**
 * The caller of a function: a run's state machine (or CleanUp for it), people by the API, a schedule, or the watch's events and schedules.
 */
type Caller = 'run' | 'people' | 'schedule' | 'watch';

interface FunctionFacts {
  calledBy: Caller;
  /** The function is called with a run's state. */
  ofARun?: true;
  timeoutSeconds: number;
  memoryMib: number;
  /** `database`: in the subnets that reach the database. Default: outside any VPC. */
  network?: 'database';
  /** Environment variables besides the system's name and the bucket, where the system has them. Default: none. */
  environment?: readonly EnvironmentVariable[];
  /** The function only reads, so a call that outlives its stopped run changes nothing. Default: it changes something. */
  onlyReads?: true;
}

/** For functions that only ask and decide. */
const QUICK = { timeoutSeconds: 120, memoryMib: 256 };

/** For functions that read whole databases or notify many people: Lambda's maximum. */
const LONG = { timeoutSeconds: 900, memoryMib: 512 };

/** API Gateway waits 29 s at most: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const INTERACTIVE = { timeoutSeconds: 25, memoryMib: 256 };

const { ConfigurationFile, StateMachineArn } = EnvironmentVariable;

/** The functions by name. A function has the name of its folder. */
export const FUNCTIONS = {
  plan: {
    calledBy: 'run',
    ofARun: true,
    ...QUICK,
    environment: [ConfigurationFile, EnvironmentVariable.LookDocument],
  },
  inspect: { calledBy: 'run', ofARun: true, ...LONG, network: 'database', onlyReads: true },
  approve: { calledBy: 'run', ofARun: true, ...QUICK },
  announce: { calledBy: 'run', ofARun: true, ...LONG },
  drain: {
    calledBy: 'run',
    ofARun: true,
    ...QUICK,
    network: 'database',
    environment: [EnvironmentVariable.MaintenanceDocument],
  },
  update: { calledBy: 'run', ofARun: true, ...QUICK },
  services: { calledBy: 'run', ofARun: true, ...QUICK, environment: [EnvironmentVariable.ServiceDocument] },
  manifest: { calledBy: 'run', ofARun: true, ...LONG, network: 'database', onlyReads: true },
  snapshot: { calledBy: 'run', ofARun: true, ...QUICK },
  volumes: { calledBy: 'run', ofARun: true, ...QUICK, environment: [EnvironmentVariable.VolumesDocument] },
  restore: { calledBy: 'run', ofARun: true, ...QUICK, environment: [EnvironmentVariable.TestSecurityGroup] },
  verify: { calledBy: 'run', ofARun: true, ...LONG, network: 'database', onlyReads: true },
  database: { calledBy: 'run', ofARun: true, ...QUICK },
  servers: { calledBy: 'run', ofARun: true, ...QUICK },
  wake: { calledBy: 'run', ofARun: true, ...QUICK, environment: [ConfigurationFile] },
  health: {
    calledBy: 'run',
    ofARun: true,
    ...QUICK,
    network: 'database',
    environment: [EnvironmentVariable.HealthDocument],
    onlyReads: true,
  },
  report: { calledBy: 'run', ofARun: true, ...QUICK, environment: [ConfigurationFile] },
  api: {
    calledBy: 'people',
    ...INTERACTIVE,
    environment: [
      ConfigurationFile,
      StateMachineArn,
      EnvironmentVariable.StartupArn,
      EnvironmentVariable.KeepStoppedArn,
    ],
  },
  planner: {
    calledBy: 'schedule',
    ...QUICK,
    environment: [ConfigurationFile, StateMachineArn, EnvironmentVariable.StartupArn],
  },
  watch: {
    calledBy: 'watch',
    ...QUICK,
    environment: [
      ConfigurationFile,
      StateMachineArn,
      EnvironmentVariable.StartupArn,
      EnvironmentVariable.KeepStoppedArn,
      EnvironmentVariable.CleanUpArn,
    ],
  },
  keep: { calledBy: 'watch', ...QUICK, environment: [ConfigurationFile] },
  recover: { calledBy: 'watch', ofARun: true, ...QUICK },
  tidy: { calledBy: 'watch', ...LONG, environment: [ConfigurationFile] },
} as const satisfies Record<string, FunctionFacts>;

export type FunctionName = keyof typeof FUNCTIONS;

/** The facts of one function, with its optional ones. */
export const functionFacts = (name: FunctionName): FunctionFacts => FUNCTIONS[name];

/** How much longer a task waits than its function may run, so that the run fails with Lambda's own error. */
export const TASK_GRACE_SECONDS = 15;
