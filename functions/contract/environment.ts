/** Names of the environment variables that `lib/` sets and `functions/` reads. No other file spells one. */
export const EnvironmentVariable = {
  /** Name of the system, as in `systems.ts`. Every function. */
  SystemName: 'SYSTEM_NAME',
  /** Bucket of locks, evidence, durations. Every function. */
  EvidenceBucket: 'EVIDENCE_BUCKET',
  /** File with the system's configuration as JSON, beside the function's code. `plan`, `wake`, `report`, `api`, `planner`, `watch`, `keep`, `tidy`. */
  ConfigurationFile: 'CONFIGURATION_FILE',
  /** Name of the SSM document that looks at a server. `plan`, where the system has services, maintenance mode or files. */
  LookDocument: 'LOOK_DOCUMENT',
  /** Name of the SSM document that stops and starts services. `services`. */
  ServiceDocument: 'SERVICE_DOCUMENT',
  /** Name of the SSM document that switches maintenance mode. `drain`. */
  MaintenanceDocument: 'MAINTENANCE_DOCUMENT',
  /** Name of the SSM document that writes buffers out and reads volumes' files. `volumes`. */
  VolumesDocument: 'VOLUMES_DOCUMENT',
  /** Name of the SSM document that runs the programs of health checks. `health`, where a check has one. */
  HealthDocument: 'HEALTH_DOCUMENT',
  /** Security group of test instances. Only the verifying functions reach them. `plan`, `restore`. */
  TestSecurityGroup: 'TEST_SECURITY_GROUP_ID',
  /** ARN of the shutdown state machine. `api`, `planner`, `watch`. */
  StateMachineArn: 'STATE_MACHINE_ARN',
  /** ARN of the start-up state machine. `api`, `planner`, `watch`. */
  StartupArn: 'STARTUP_ARN',
  /** ARN of the state machine that stops what is on while the system is meant to be off. `watch`, `api`. */
  KeepStoppedArn: 'KEEP_STOPPED_ARN',
  /** ARN of the state machine that cleans up after a run that ended without closing. `watch`. */
  CleanUpArn: 'CLEAN_UP_ARN',
} as const;

export type EnvironmentVariable = (typeof EnvironmentVariable)[keyof typeof EnvironmentVariable];
