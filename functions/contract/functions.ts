import { EnvironmentVariable } from './environment.ts';

/** What calls a function: a run's state machine (or CleanUp for it), people by the API, a schedule, or an event and the hour. */
type Caller = 'run' | 'people' | 'schedule' | 'watch';

interface FunctionFacts {
  calledBy: Caller;
  /** Called with a run's state. */
  ofARun?: true;
  timeoutSeconds: number;
  memoryMib: number;
  /** `database`: in the subnets from which the database is reached. Default: outside any VPC. */
  network?: 'database';
  /** What of the stack it is told, where the system has it, besides its system's name and the bucket. Default: nothing. */
  environment?: readonly EnvironmentVariable[];
  /** Whatever it goes on doing after its run was stopped changes nothing that anybody has. Default: it does. */
  onlyReads?: true;
}

/** Most functions only ask and decide. */
const QUICK = { timeoutSeconds: 120, memoryMib: 256 };

/** Those that read whole databases, or tell many people: Lambda's longest. */
const LONG = { timeoutSeconds: 900, memoryMib: 512 };

/** API Gateway waits 29 s at most: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const INTERACTIVE = { timeoutSeconds: 25, memoryMib: 256 };

const { ConfigurationFile, StateMachineArn } = EnvironmentVariable;

/** The functions, each named as its folder. */
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
  report: { calledBy: 'run', ofARun: true, ...QUICK, environment: [ConfigurationFile] },
  api: { calledBy: 'people', ...INTERACTIVE, environment: [ConfigurationFile, StateMachineArn] },
  start: { calledBy: 'schedule', ...QUICK, environment: [StateMachineArn] },
  watch: {
    calledBy: 'watch',
    ...QUICK,
    environment: [
      ConfigurationFile,
      StateMachineArn,
      EnvironmentVariable.KeepStoppedArn,
      EnvironmentVariable.CleanUpArn,
    ],
  },
  keep: { calledBy: 'watch', ...QUICK, environment: [ConfigurationFile] },
  recover: { calledBy: 'watch', ofARun: true, ...QUICK },
  tidy: { calledBy: 'watch', ...LONG, environment: [ConfigurationFile] },
} as const satisfies Record<string, FunctionFacts>;

export type FunctionName = keyof typeof FUNCTIONS;

/** Facts of a function, whichever it is. */
export const functionFacts = (name: FunctionName): FunctionFacts => FUNCTIONS[name];

/** A task waits this much longer than its function may run, in seconds, so that Lambda's own error is the one that is seen. */
export const TASK_GRACE_SECONDS = 15;
