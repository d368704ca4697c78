import type { Finding, LookedAt } from '../../aws/rds/kind.ts';
import { databaseKindOf, otherKinds } from '../../aws/rds/kinds.ts';
import { PENDING_MODIFICATION } from '../../aws/rds/maintenance.ts';
import type { SystemConfig } from '../../contract/config.ts';
import type { Verification } from '../../contract/input.ts';
import type { PlannedDatabase } from '../../contract/plan-state.ts';
import type { RunContext } from '../../contract/state.ts';
import { notOrderable } from './copy-class.ts';
import type { Findings } from './findings.ts';
import { keyFindings } from './keys.ts';
import { quotaReasons } from './quotas.ts';
import { tooManyTags } from './tags.ts';
import { unknownVersion } from './versions.ts';

export interface DatabaseFindings extends Findings {
  database?: PlannedDatabase;
}

/**
 * Is the database there, can it be stopped, is there room for a snapshot and a copy, what is pending? A run that only proves a backup stops
 * nothing, so for it only what keeps a copy from being made counts.
 */
export async function lookAtDatabase(
  config: SystemConfig,
  { verification, onlyProve }: Pick<RunContext, 'verification' | 'onlyProve'>,
): Promise<DatabaseFindings> {
  const { identifier } = config.database;
  const resource = `database ${identifier}`;
  const kind = databaseKindOf(config);
  const found = await kind.look(identifier, config);
  if (found === undefined) {
    const reason = { resource, ...(await notThere(kind.noun, config)) };
    return { pendingUpdates: [], warnings: [], reasons: [reason] };
  }
  const { planned } = found;
  const pendingUpdates = onlyProve === true ? [] : found.pendingUpdates;
  const reasons = [
    ...found.findings
      .filter(({ onlyOfStop }) => !(onlyProve === true && onlyOfStop === true))
      .map(({ onlyOfStop: _, ...finding }) => ({ resource, ...finding })),
    ...(verification === 'full' && planned !== undefined
      ? await notOrderable(planned, config.database.testInstance.instanceClass)
      : []
    ).map((finding) => ({ resource, ...finding })),
    ...tooManyTags(
      config,
      planned?.tags ?? [],
      'remove some of them, shorten tags, or set copyTags to false',
    ).map((finding) => ({ resource, ...finding })),
    ...(await keyOf(found, config, verification)).map((finding) => ({ resource, ...finding })),
    ...(await quotaReasons(kind.quotas, verification === 'full', planned?.allocatedStorageGib ?? 0)),
  ];
  if (planned === undefined && found.status === 'available') {
    reasons.push({
      resource,
      problem: 'RDS names no endpoint for it, so it cannot be asked',
      remedy: 'look at it in the RDS console, and start the run again when it has one',
    });
  }
  // They are about what a stop or the next start brings.
  const warnings = onlyProve === true ? [] : found.warnings.map((warning) => `${resource}: ${warning}`);
  const version =
    planned === undefined || verification === 'none'
      ? undefined
      : unknownVersion(config.database.engine, planned.engineVersion);
  if (version !== undefined) warnings.push(`${resource}: ${version}`);
  if (found.kmsKey === undefined && config.database.kmsKeyArn !== undefined)
    warnings.push(
      `${resource}: its storage is not encrypted, so database.kmsKeyArn has no use; leave it out`,
    );
  if (pendingUpdates.some((update) => update.kind === PENDING_MODIFICATION)) {
    warnings.push(
      `${resource}: stopping it discards its pending modifications; apply them first if they are wanted`,
    );
  }
  return { pendingUpdates, reasons, warnings, ...(planned === undefined ? {} : { database: planned }) };
}

/** May the copy be made under the source's key? A run that makes no copy needs only keys that the configuration names. */
async function keyOf(
  { kmsKey: key }: LookedAt,
  { database: { kmsKeyArn } }: SystemConfig,
  verification: Verification,
): Promise<Finding[]> {
  if (key === undefined || (verification === 'none' && kmsKeyArn === undefined)) return [];
  return keyFindings({
    key,
    named: kmsKeyArn === undefined ? [] : [kmsKeyArn],
    setting: 'database.kmsKeyArn',
    managedAlias: 'alias/aws/rds',
    users: ['snapshot', 'restore'],
  });
}

/** The database is not of the configured kind. It may be of the other kind. */
async function notThere(noun: string, config: SystemConfig): Promise<Finding> {
  for (const [name, kind] of otherKinds(config)) {
    if ((await kind.status(config.database.identifier)) === undefined) continue;
    return {
      problem: `RDS knows no ${noun} of this name, but a ${kind.noun}`,
      remedy: `set database.kind to "${name}", or correct database.identifier`,
    };
  }
  return {
    problem: `RDS knows no ${noun} of this name in this account and Region`,
    remedy: 'correct database.identifier in systems.ts, or deploy the stack where the database is',
  };
}
