import { defined } from '../contract/defined.ts';
import { EnvironmentVariable } from '../contract/environment.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';
import { EvidenceKey } from '../contract/keys.ts';
import { kindOfExecution } from '../contract/run-kinds.ts';
import type { ReachedStartup } from '../contract/startup-state.ts';
import type { ExecutionReference, Outcome, RunContext } from '../contract/state.ts';
import { recordDurations } from '../guard/durations.ts';
import { releaseLock } from '../guard/lock.ts';
import { readConfiguration } from '../runtime/configuration.ts';
import { environmentVariable } from '../runtime/environment.ts';
import { writeEvidence } from '../runtime/evidence.ts';
import { defineStep } from '../runtime/step.ts';
import { closedBy, type ReportResult } from './already-closed.ts';
import { type Attention, attentionOf } from './attention.ts';
import { makeCertificate, readVerification } from './certificate.ts';
import { minimalContext, ownState, requesterWithoutPlan } from './context.ts';
import { readHistory } from './history.ts';
import { renderReport } from './html/report.ts';
import { recordIntent } from './intent.ts';
import { lookAtTheEnd } from './look-at-end.ts';
import { markSnapshots } from './mark-snapshots.ts';
import { errorOf, failureOf, outcomeOf, type ReachedState, summaryOf } from './outcome.ts';
import { Parts } from './parts.ts';
import { closeStartup, type StartupReport } from './startup/close.ts';
import { stepSeconds } from './step-seconds.ts';
import { tell } from './tell.ts';

export interface ReportEvent {
  /** `close-for`: by CleanUp, for a run that ended without closing. */
  action: 'close' | 'close-for' | 'close-startup';
  execution: ExecutionReference;
  /** The state as far as the run got. After a refused input not even `run` and `config` are there. */
  state: ReachedState;
}

/**
 * Closes a run, however it ended (`close`): looks at every resource, stores certificate and report, tells the people, releases the lock.
 *
 * Trigger: the workflow's state "Close the run", on every path; CleanUp's closing of a run that ended without; the start-up's "Close the
 * start-up" (`close-startup`). Each part of a closing goes on when another fails. At the end a failure of a necessary part (configuration,
 * certificate, lock) is thrown, so that the run does not look clean. A failure that may pass is thrown before one that will not, so that
 * the workflow tries again.
 * Twice is harmless: everything is stored again, but nobody is mailed twice.
 */
export const handler = defineStep(
  'report',
  async (event: ReportEvent): Promise<ReportResult | StartupReport> => {
    const { action, execution, state } = event;
    const isStartup = kindOfExecution(execution.id) === 'startup';
    if (action === 'close-startup' || (action === 'close-for' && isStartup))
      return closeStartup(execution, state as ReachedStartup, action === 'close-for');
    if (action === 'close' || action === 'close-for') return close(event);
    throw new LightsOutError(
      ErrorName.InvalidInput,
      `action "${String(action)}": expected "close", "close-for" or "close-startup"`,
    );
  },
);

async function close(event: ReportEvent): Promise<ReportResult> {
  const { execution } = event;
  const byCleanUp = event.action === 'close-for';
  const state = ownState(execution, event.state, byCleanUp);
  const closedBefore = await closedBy(execution, state);
  if (closedBefore !== undefined) return closedBefore;
  const parts = new Parts();
  const config = state.config ?? (await parts.attempt('the configuration', readConfiguration, 'essential'));
  const run = state.run ?? (await withoutPlan());
  const failure = failureOf(state);
  const certificateKey = EvidenceKey.certificate(run.system, run.id);
  const reportKey = EvidenceKey.report(run.system, run.id);

  const [history, resources = [], evidence] = await Promise.all([
    parts.attempt('the history', () => readHistory(execution.id)),
    config === undefined
      ? undefined
      : parts.attempt('the look at the resources', () => lookAtTheEnd(config, run.id, state)),
    readVerification(run.system, run.id),
  ]);
  const outcome = outcomeSeen(outcomeOf(state), (promised) =>
    config === undefined ? [] : attentionOf({ config, state, outcome: promised, resources }),
  );
  for (const { key, error } of evidence.unread) parts.failed(`the reading of ${key}`, error, 'essential');
  const certificate = makeCertificate(
    {
      run,
      state,
      outcome,
      failure,
      resources,
      attention: config === undefined ? [] : attentionOf({ config, state, outcome, resources }),
      steps: history?.steps ?? [],
      // The list still grows: the report is drawn after more parts were tried.
      problems: parts.problems,
    },
    evidence,
  );
  await parts.attempt('the certificate', () => writeEvidence(certificateKey, certificate), 'essential');
  await parts.attempt('the mark', () => recordIntent(run, outcome, resources, state), 'essential');

  let mailsSent = 0;
  if (config !== undefined) {
    const store = (mails: number | undefined) =>
      parts.attempt('the report', () => {
        const bucket = environmentVariable(EnvironmentVariable.EvidenceBucket);
        const page = renderReport({ certificate, config, state, history, mailsSent: mails, bucket });
        return writeEvidence(reportKey, page, 'text/html; charset=utf-8');
      });
    // Stored before the mails, which may take long, and again after them with their number.
    if (outcome !== 'planned') await store(undefined);
    mailsSent = (await parts.attempt('the notices', () => tell(config, state, certificate, reportKey))) ?? 0;
    await store(mailsSent);
  }
  if (config !== undefined && certificate.snapshot?.verified === true)
    await parts.attempt('the marks of the snapshots', () => markSnapshots(config));
  if (outcome === 'succeeded')
    await parts.attempt('the durations', () =>
      recordDurations(run.system, {
        runId: run.id,
        endedAt: new Date(Date.now()).toISOString(),
        seconds: stepSeconds(history?.steps ?? []),
      }),
    );
  // The lock of an accepted run is released last. Without certificate and mark, the lock makes a clean-up close the run again.
  if (state.acceptance !== undefined) parts.throwIfEssential();
  if (!run.dryRun)
    await parts.attempt('the release of the lock', () => releaseLock(run.system, execution.id), 'essential');
  parts.throwIfEssential();
  const summary = summaryOf(outcome, failure);
  const error = errorOf(state, outcome, summary);
  return { outcome, summary, ...defined({ error }), certificateKey, reportKey, mailsSent };

  async function withoutPlan(): Promise<RunContext> {
    const asked = await parts.attempt('the look who asked', () =>
      requesterWithoutPlan(execution, event.state, byCleanUp),
    );
    return minimalContext(execution, { ...event.state }, config, asked ?? 'unknown');
  }
}

/**
 * Compares the outcome of the state with the resources as they are. If the database or a server is down after a roll back, the run is not
 * rolled back, whoever took the resource down. The users must not be told that they can go on working.
 */
function outcomeSeen(promised: Outcome, attentionFor: (outcome: Outcome) => Attention[]): Outcome {
  // A resource was started while the run looked: then the system is not off, and nobody may read that it is.
  if (promised === 'already-off') return attentionFor(promised).length === 0 ? promised : 'failed';
  if (promised !== 'rolled-back') return promised;
  return attentionFor(promised).some(({ kind }) => kind === 'still-off') ? 'failed' : promised;
}
