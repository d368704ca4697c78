import type { SystemConfig } from '../../contract/config.ts';
import { defined } from '../../contract/defined.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import type { RunContext } from '../../contract/state.ts';
import { readEvidence } from '../../runtime/evidence.ts';
import { readHolds } from '../holds.ts';
import { readIntent } from '../intent.ts';
import { livingHolder } from '../lock.ts';
import type { World } from './decide.ts';

/** What the planner goes by: who is at work, whether users can work, and until when they were told that they cannot. */
export async function lookAtWorld({ name }: SystemConfig): Promise<World> {
  const [holder, intent, holds] = await Promise.all([livingHolder(name), readIntent(name), readHolds(name)]);
  const mark = intent?.value;
  const isOpen = mark === undefined || (mark.wanted === 'on' && mark.openedAt !== undefined);
  return {
    isOpen,
    holds,
    ...(holder === undefined
      ? {}
      : { holder: { run: holder.runId, ...defined({ outAt: await outAtOf(name, holder.runId) }) } }),
    ...defined({
      offUntil:
        mark?.wanted === 'off' && mark.run !== undefined ? await promiseOf(name, mark.run.id) : undefined,
    }),
  };
}

/** The announced time of a shutdown, from its plan. */
async function outAtOf(system: string, runId: string): Promise<number | undefined> {
  const plan = await readEvidence<{ run?: Partial<RunContext> }>(EvidenceKey.plan(system, runId));
  const { action, at } = plan?.value.run ?? {};
  return action === 'startup' || at === undefined ? undefined : Date.parse(at);
}

/** The return time that users were told of a shutdown. */
async function promiseOf(system: string, runId: string): Promise<number | undefined> {
  const certificate = await readEvidence<{ run?: Pick<RunContext, 'backAt'> }>(
    EvidenceKey.certificate(system, runId),
  );
  const backAt = certificate?.value.run?.backAt;
  return backAt === undefined ? undefined : Date.parse(backAt);
}
