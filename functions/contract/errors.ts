/**
 * Every named error of Lights Out: what a function may throw and what the workflow may match.
 *
 * A Lambda function's `errorType` is the thrown error's `name`; Step Functions matches that name in `Retry`
 * and `Catch` (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html). The names are
 * therefore a contract between `functions/` and `lib/`, kept in this one place.
 */
export const ErrorName = {
  /** The run's input is malformed: unknown key, wrong type, a time in the past. Nothing was touched. */
  InvalidInput: 'InvalidInput',
  /** The system's configuration cannot be read or does not validate. Nothing was touched. */
  InvalidConfiguration: 'InvalidConfiguration',
  /** What the plan looked at is in a state that passes by itself; the workflow looks again for half an hour. Nothing was touched. */
  NotSettledYet: 'NotSettledYet',
  /** The plan found reasons not to begin; the message lists all of them. Nothing was touched. */
  PlanRejected: 'PlanRejected',
  /** A part of the run's state that lies in the evidence bucket is gone or was changed; the message names the object. */
  EvidenceMissing: 'EvidenceMissing',
  /** Another run of this system holds the lock; the message names it. Nothing was touched. */
  RunInProgress: 'RunInProgress',
  /** Someone entitled said no. Nothing was touched. */
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
  /** Maintenance mode could not be switched. */
  MaintenanceModeFailed: 'MaintenanceModeFailed',
  /** The snapshot ended in a state other than `available`, or missed its deadline. */
  SnapshotFailed: 'SnapshotFailed',
  /** The snapshot of a server's volume ended in a state other than `completed`, was deleted meanwhile, or missed its deadline. */
  VolumeSnapshotFailed: 'VolumeSnapshotFailed',
  /** The files of a restored volume differ from the source's; the message names volumes and counts, never a file. */
  VolumeMismatch: 'VolumeMismatch',
  /** The files of a volume could not be compared: not restored, not attached, not readable in time. */
  VolumeCheckImpossible: 'VolumeCheckImpossible',
  /** A volume that was restored for the comparison could not be deleted by the deadline. */
  TestVolumeNotDeleted: 'TestVolumeNotDeleted',
  /** The test instance ended in a terminal state, or missed its deadline. */
  RestoreFailed: 'RestoreFailed',
  /** The test instance could not be deleted by the deadline. */
  TestInstanceNotDeleted: 'TestInstanceNotDeleted',
  /** The restored copy differs from the source; the message names the objects, never a value. */
  VerificationMismatch: 'VerificationMismatch',
  /** The comparison could not be made: no connection, missing privilege, nothing to compare, same server. */
  VerificationImpossible: 'VerificationImpossible',
  /** Something wrote to the source after its backup, so the backup no longer proves what it holds; the message names what was written and by which sign. */
  SourceChanged: 'SourceChanged',
  /** The database cannot be reached or refuses the credentials. */
  DatabaseUnreachable: 'DatabaseUnreachable',
  /** The database was not seen `stopped` by its deadline. */
  DatabaseDidNotStop: 'DatabaseDidNotStop',
  /** A server was not seen `stopped` by its deadline. */
  ServerDidNotStop: 'ServerDidNotStop',
  /** After the point of no return something is still on; the message names each resource's state. */
  PartlyOff: 'PartlyOff',
  /** Somebody stopped the execution; what it had done was cleaned up afterwards. */
  RunAborted: 'RunAborted',
  /** The execution ran out of time; what it had done was cleaned up afterwards. */
  RunTimedOut: 'RunTimedOut',
  /** The execution failed before it had closed the run; what it had done was cleaned up afterwards. */
  RunNotClosed: 'RunNotClosed',
  /** The run no longer holds the lock: it was stopped and cleaned up meanwhile, so what it had proved is of then. */
  LockLost: 'LockLost',
  /** CleanUp holds the run's lock and has not yet seen that the run was redriven; the workflow waits until it is given back, or the clean-up is over. */
  CleanUpUnderWay: 'CleanUpUnderWay',
  /** The run was redriven, and what happened since it ended forbids that it goes on; the message names that and what to do. Nothing was touched. */
  RedriveRefused: 'RedriveRefused',
  /** What a run had left behind, or an old snapshot, could not be deleted; the message names each. It is tried again. */
  DeletionFailed: 'DeletionFailed',
  /** AWS throttled, answered 5xx or was not reachable; the workflow tries again. */
  AwsTemporarilyUnavailable: 'AwsTemporarilyUnavailable',
  /** AWS refused the call for want of a permission; the message names the action. */
  AwsAccessDenied: 'AwsAccessDenied',
  /** A channel for notices could not take a message just now: too many, 5xx, no connection. It is tried again. */
  ChannelUnavailable: 'ChannelUnavailable',
  /** A channel for notices refused a message, or its secret is not what it must be; the message names the channel, never its address. */
  ChannelRefused: 'ChannelRefused',
} as const;

export type ErrorName = (typeof ErrorName)[keyof typeof ErrorName];

/**
 * An error with one of the {@link ErrorName names}. Its message says what was wrong, where, what was expected and
 * what to do; it never holds a secret or a row's value, since Step Functions keeps it in the execution's history.
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

/** Whether a step failed with that error because the lock was not its run's own: then the system belongs to others. */
export function isShutOut(error: string | undefined): boolean {
  return error === ErrorName.LockLost || error === ErrorName.CleanUpUnderWay;
}

/** The message of anything that was thrown, for a sentence in another message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
