/**
 * Every named error of Lights Out: a function throws it, the workflow matches it.
 *
 * The `errorType` of a Lambda function is the `name` of the thrown error. Step Functions matches that name in `Retry` and `Catch`
 * (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html). The names are therefore a contract between
 * `functions/` and `lib/`, and stand only here.
 */
export const ErrorName = {
  /** The run's input is malformed: unknown key, wrong type, a time in the past. Nothing was touched. */
  InvalidInput: 'InvalidInput',
  /** The system's configuration cannot be read or does not validate. Nothing was touched. */
  InvalidConfiguration: 'InvalidConfiguration',
  /**
   * Something that the plan looked at is in a state that passes by itself. The workflow looks again for 40 minutes. Nothing was touched.
   */
  NotSettledYet: 'NotSettledYet',
  /** The plan found reasons not to begin; the message lists all of them. Nothing was touched. */
  PlanRejected: 'PlanRejected',
  /** The evidence bucket lacks a part of the run's state, or holds another one. The message names the object. */
  EvidenceMissing: 'EvidenceMissing',
  /** Another run of this system holds the lock; the message names it. Nothing was touched. */
  RunInProgress: 'RunInProgress',
  /** A hold covers the time at which users were to be out. Nothing was touched. */
  Held: 'Held',
  /** A person who may approve said no, or nobody answered in time. Nothing was touched. */
  ApprovalDenied: 'ApprovalDenied',
  /** No channel accepted the announcement, so nobody was told. Nothing was touched. */
  AnnouncementFailed: 'AnnouncementFailed',
  /** Users were still signed in at the deadline and the policy is `abort`. */
  SessionsRemain: 'SessionsRemain',
  /** A pending update could not be installed. */
  UpdateFailed: 'UpdateFailed',
  /** A server's SSM agent did not take or finish a command in time. */
  AgentOffline: 'AgentOffline',
  /** A service was not seen inactive by its deadline. */
  ServiceDidNotStop: 'ServiceDidNotStop',
  /** A service was not seen active by its deadline (start-up or roll back). */
  ServiceDidNotStart: 'ServiceDidNotStart',
  /** A health check of a start-up was not green by its deadline. The message names each with its last answer. */
  HealthNotGreen: 'HealthNotGreen',
  /** Maintenance mode could not be switched. */
  MaintenanceModeFailed: 'MaintenanceModeFailed',
  /** The snapshot ended in another state than `available`, or missed its deadline. */
  SnapshotFailed: 'SnapshotFailed',
  /** The snapshot of a server's volume ended in another state than `completed`, was deleted, or missed its deadline. */
  VolumeSnapshotFailed: 'VolumeSnapshotFailed',
  /** The files of a restored volume differ from the source's. The message names volumes and counts, never a file. */
  VolumeMismatch: 'VolumeMismatch',
  /** The files of a volume could not be compared: it was not restored, attached or readable in time. */
  VolumeCheckImpossible: 'VolumeCheckImpossible',
  /** A volume that was restored for the comparison could not be deleted by the deadline. */
  TestVolumeNotDeleted: 'TestVolumeNotDeleted',
  /** The test instance ended in a terminal state, or missed its deadline. */
  RestoreFailed: 'RestoreFailed',
  /** The test instance could not be deleted by the deadline. */
  TestInstanceNotDeleted: 'TestInstanceNotDeleted',
  /** The restored copy differs from the source. The message names the objects, never a value. */
  VerificationMismatch: 'VerificationMismatch',
  /** The comparison could not be made: no connection, missing privilege, nothing to compare, same server. */
  VerificationImpossible: 'VerificationImpossible',
  /**
   * Something wrote to the source after its backup, so the backup is no longer a proof. The message names the objects and the sign of the
   * write.
   */
  SourceChanged: 'SourceChanged',
  /** The database cannot be reached or refuses the credentials. */
  DatabaseUnreachable: 'DatabaseUnreachable',
  /** The database was not seen `stopped` by its deadline. */
  DatabaseDidNotStop: 'DatabaseDidNotStop',
  /** A server was not seen `stopped` by its deadline. */
  ServerDidNotStop: 'ServerDidNotStop',
  /** The database was not seen available by its deadline. A start-up only. */
  DatabaseDidNotStart: 'DatabaseDidNotStart',
  /** A server was not seen running and reachable by its deadline. A start-up only. */
  ServerDidNotStart: 'ServerDidNotStart',
  /** What comes back is not what was put away. The message names the objects, never a value. The servers stay off. */
  DataChanged: 'DataChanged',
  /** What comes back could not be compared with what was put away. The servers stay off, or nobody is let in. */
  DataNotConfirmed: 'DataNotConfirmed',
  /** After the point of no return something is still on. The message names the state of each resource. */
  PartlyOff: 'PartlyOff',
  /** Somebody stopped the execution. CleanUp then rolled back or closed the run. */
  RunAborted: 'RunAborted',
  /** The execution ran out of time. CleanUp then rolled back or closed the run. */
  RunTimedOut: 'RunTimedOut',
  /** The execution failed before it had closed the run. CleanUp then rolled back or closed the run. */
  RunNotClosed: 'RunNotClosed',
  /** The run no longer holds the lock: it was stopped and cleaned up. Its proof may therefore be out of date. */
  LockLost: 'LockLost',
  /** The execution was redriven, and a redriven execution of a run does nothing. The message names the remedy. */
  RedriveRefused: 'RedriveRefused',
  /** A leftover of a run, or an old snapshot, could not be deleted. The message names each. The sweeper tries again. */
  DeletionFailed: 'DeletionFailed',
  /** AWS throttled, answered 5xx or could not be reached. The workflow tries again. */
  AwsTemporarilyUnavailable: 'AwsTemporarilyUnavailable',
  /** AWS refused the call because a permission is missing. The message names the action. */
  AwsAccessDenied: 'AwsAccessDenied',
  /** A channel for notices could not take a message now: too many messages, 5xx, or no connection. The sender tries again. */
  ChannelUnavailable: 'ChannelUnavailable',
  /** A channel for notices refused a message, or its secret is invalid. The message names the channel, never its address. */
  ChannelRefused: 'ChannelRefused',
} as const;

export type ErrorName = (typeof ErrorName)[keyof typeof ErrorName];

/**
 * An error with one of the {@link ErrorName names}. Its message says what was wrong and where, what was expected, and what to do. The
 * message never holds a secret or a row's value, since Step Functions keeps it in the execution's history.
 *
 * @example
 * throw new LightsOutError(ErrorName.SnapshotFailed, `snapshot ${id} ended as "failed"; expected "available"`);
 */
export class LightsOutError extends Error {
  override readonly name: ErrorName;

  constructor(name: ErrorName, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = name;
  }
}

/** Whether a step failed because another execution holds the run's lock. That execution then owns the system. */
export function isShutOut(error: string | undefined): boolean {
  return error === ErrorName.LockLost;
}

/** The message of any thrown value, for use in another message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
