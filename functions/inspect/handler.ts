import type pg from 'pg';
import type { Inspection } from '../shared/contract/state.ts';
import { readCredentials } from '../shared/engines/credentials.ts';
import { connectPostgres } from '../shared/engines/postgres/connection.ts';
import { defineStep, type StepEvent } from '../shared/step.ts';
import { lookInto } from './databases.ts';
import { reasonFor, sqlState } from './reasons.ts';
import { countPeople, lookAtServer } from './server.ts';

export type InspectEvent = StepEvent<'inspect', 'config' | 'plan'>;

const STATEMENT_TIMEOUT_SECONDS = 60;

/** Every RDS instance has it, so it answers when the database of the configuration does not exist. */
const MAINTENANCE_DATABASE = 'postgres';

/** SQLSTATE of "no such database": https://www.postgresql.org/docs/current/errcodes-appendix.html */
const INVALID_CATALOG_NAME = '3D000';

/**
 * Asks the database itself: can it be reached, may everything be read, what does it hold, who is signed in. Part of the plan:
 * what is wrong is a reason among the others, not an error. Runs inside the VPC.
 *
 * Trigger: the workflow's state "Plan: inspect database". Reads only.
 */
export const handler = defineStep('inspect', async (event: InspectEvent): Promise<Inspection> => {
  const { config, plan } = event.state;
  const inspection: Inspection = { reachable: false, databases: [], sessions: 0, reasons: [] };
  const target = plan.database;
  if (target === undefined) return inspection;
  const resource = `database ${config.database.identifier}`;
  const { databases: wanted, credentialsSecretArn } = config.database;
  /** Does one part of the look; what goes wrong in it is a reason, and the others go on. */
  const attempt = async <Value>(what: string, work: () => Promise<Value>): Promise<Value | undefined> => {
    try {
      return await work();
    } catch (error) {
      inspection.reasons.push(reasonFor(error, resource, what, credentialsSecretArn));
      return undefined;
    }
  };

  const credentials = await attempt('the secret', () => readCredentials(credentialsSecretArn));
  if (credentials === undefined) return inspection;
  const connect = (database: string): Promise<pg.Client> =>
    connectPostgres({
      address: target.address,
      port: target.port,
      database,
      credentials,
      statementTimeoutSeconds: STATEMENT_TIMEOUT_SECONDS,
    });
  const client = await attempt('the connection', () => connectToAny(connect, wanted?.[0]));
  if (client === undefined) return inspection;
  inspection.reachable = true;
  try {
    const server = await attempt('its list of databases', () =>
      lookAtServer(client, { resource, user: credentials.username, wanted, drain: config.drain }),
    );
    if (server === undefined) return inspection;
    inspection.serverVersion = server.version;
    inspection.reasons.push(...server.reasons);
    for (const { name, bytes } of server.databases) {
      const inside = await attempt(`database "${name}"`, () =>
        lookInto(connect, { name, resource, user: credentials.username }),
      );
      if (inside === undefined) continue;
      inspection.databases.push({ name, bytes, tables: inside.tables });
      inspection.reasons.push(...inside.reasons);
    }
    if (inspection.reasons.length === 0 && inspection.databases.every(({ tables }) => tables === 0)) {
      inspection.reasons.push({
        resource,
        problem: 'no database on it holds a table, so a backup could not be proved',
        remedy: 'check database.identifier and database.databases',
      });
    }
    inspection.sessions =
      (await attempt('the count of its sessions', () => countPeople(client, config))) ?? 0;
    return inspection;
  } finally {
    await client.end();
  }
});

async function connectToAny(
  connect: (database: string) => Promise<pg.Client>,
  wanted: string | undefined,
): Promise<pg.Client> {
  try {
    return await connect(wanted ?? MAINTENANCE_DATABASE);
  } catch (error) {
    if (wanted === undefined || sqlState(error) !== INVALID_CATALOG_NAME) throw error;
    return connect(MAINTENANCE_DATABASE);
  }
}
