import { tryOut } from '../../../engines/try-out.ts';
import type { Inspection } from '../../contract/plan-state.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import { engineOfSystem } from '../../databases/system-engine.ts';
import { defineStep, type StepEvent } from '../../runtime/step.ts';
import { inspectPatiently } from './patience.ts';
import { reasonOfDatabase, reasonOfSecret } from './reasons.ts';

export type InspectEvent = StepEvent<'inspect', StateAfter<'plan', 'run' | 'config' | 'plan'>>;

const STATEMENT_TIMEOUT_SECONDS = 60;

/**
 * Asks the database: can it be reached, may everything be read, what does it hold, who is signed in, can it run the comparison's
 * statements. A problem is one of the plan's reasons, not an error. Runs inside the VPC.
 *
 * Trigger: the workflow's state "Plan: inspect database". Reads only.
 */
export const handler = defineStep('inspect', async (event: InspectEvent): Promise<Inspection> => {
  const { run, config, plan } = event.state;
  const target = plan.database;
  const nothing = { reachable: false, databases: [], sessions: 0 };
  if (target === undefined) return { ...nothing, reasons: [] };
  const resource = `database ${config.database.identifier}`;
  const { databases: wanted } = config.database;
  const connected = await engineOfSystem(config, target, STATEMENT_TIMEOUT_SECONDS).catch((error: unknown) =>
    reasonOfSecret(error, resource, config.database.credentialsSecretArn),
  );
  if ('problem' in connected) return { ...nothing, reasons: [connected] };
  const { engine, user } = connected;
  const inspected = await inspectPatiently(engine, { resource, user, wanted, drain: config.drain }).catch(
    (error: unknown) => reasonOfDatabase(error, resource, engine),
  );
  if ('problem' in inspected) return { ...nothing, reasons: [inspected] };
  const { version, ...found } = inspected;
  // The missing permissions are reported already; the statements would only report them again in other words.
  const reasons =
    found.reasons.length > 0 || run.verification === 'none'
      ? found.reasons
      : await tryOut(
          engine,
          resource,
          found.databases.map(({ name }) => name),
        );
  return { reachable: true, serverVersion: version, ...found, reasons };
});
