const HOUR = 3600;

/**
 * How long each loop of a run may take, in seconds. The function ends its loop then; the event history of the execution
 * (`lib/workflows/history-budget.ts`) is planned with the same numbers.
 */
export const DEADLINE_SECONDS = {
  /** The servers' answers for the plan. */
  askServers: 150,
  /** Switching maintenance mode on, on all servers. */
  maintenanceOn: 180,
  /** Switching it off. Longer, since a server may just be starting again and users wait behind the flag. */
  maintenanceOff: 600,
  /** All updates. */
  updates: 2 * HOUR,
  /** The snapshot of the database. The first of a large database copies all of it. */
  snapshot: 6 * HOUR,
  /** The snapshots of the volumes. The first of a large volume copies all its data. */
  volumeSnapshots: 6 * HOUR,
  /** The deletion of restored volumes, including the states in which EC2 refuses it. */
  volumeDeletion: HOUR,
  /** The restore of the test instance. */
  restore: 4 * HOUR,
  /** The deletion of the test instance, including the states in which RDS refuses it. */
  testInstanceDeletion: 2 * HOUR,
  /**
   * Reading one side of the comparison. Ten terabytes at 150 MB/s take 19 hours. Each call goes on where the last one stopped. Without a
   * deadline, a server that does not answer would keep the CRM's services down as long as the execution lasts.
   */
  reading: 24 * HOUR,
  /** The stop of the database. A Multi-AZ one can be slow. */
  database: 3 * HOUR,
  /** The stop of the servers. */
  servers: HOUR / 2,
  /**
   * The start of the database: minutes to hours (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StartInstance.html), after a
   * stop that may still be under way.
   */
  databaseStart: 6 * HOUR,
  /** The start of the servers, with their status checks and their agents. */
  serversStart: HOUR,
} as const;

/** The services' document waits this long itself before it answers, in seconds. Longer stops are polled by sending it again. */
export const DOCUMENT_WAIT_SECONDS = 25;
