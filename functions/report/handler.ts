import { readEvidence, writeEvidence } from '../shared/aws/evidence.ts';
import { readConfiguration } from '../shared/configuration.ts';
import type { SystemConfig } from '../shared/contract/config.ts';
import { messageOf } from '../shared/contract/errors.ts';
import { EvidenceKey } from '../shared/contract/keys.ts';
import type { ExecutionReference, Outcome, RunContext, StepName } from '../shared/contract/state.ts';
import { recordDurations } from '../shared/durations.ts';
import { releaseLock } from '../shared/lock.ts';
import { log } from '../shared/log.ts';
import { causeText, sendOutcomeNotices } from '../shared/notices/outcome.ts';
import { runIdOf } from '../shared/run.ts';
import { defineStep } from '../shared/step.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import { type RunHistory, readHistory } from './history.ts';
import { renderReport } from './html/report.ts';
import { failureOf, outcomeOf, type ReachedState } from './outcome.ts';
import { finalStates } from './resources.ts';

export interface ReportEvent {
  action: 'close';
  execution: ExecutionReference;
  /** As far as the run got: after a refused input not even `run` and `config` are there. */
  state: ReachedState;
}

export interface ReportResult {
  outcome: Outcome;
  /** One sentence, for the execution's own cause. */
  summary: string;
  certificateKey: string;
  reportKey: string;
  mailsSent: number;
}

/**
 * Closes a run, however it ended: looks at every resource, stores certificate and report, tells the people, releases the lock.
 *
 * Trigger: the workflow's state "Close the run", on every path. Each part goes on when another fails; at the end the first
 * failure of a part that must not be missing (certificate, lock) is thrown, so that the run does not look clean.
 * Twice is harmless: what was stored is stored again, but nobody is mailed twice.
 */
export const handler = defineStep('report', async (event: ReportEvent): Promise<ReportResult> => {
  const { execution, state } = event;
  const config = state.config ?? (await readConfiguration());
  const run = state.run ?? minimalContext(execution, config);
  const outcome = outcomeOf(state);
  const failure = failureOf(state);
  const problems: unknown[] = [];
  const attempt = async <Value>(
    part: string,
    work: () => Promise<Value>,
    essential = false,
  ): Promise<Value | undefined> => {
    try {
      return await work();
    } catch (error) {
      log('error', `report: ${part} failed`, { reason: messageOf(error) });
      if (essential) problems.push(error);
      return undefined;
    }
  };

  const history: RunHistory = (await attempt('the history', () => readHistory(execution.id))) ?? {
    steps: [],
    visited: [],
    definition: {},
  };
  const resources = await finalStates(config, run.id, state);
  const certificateKey = EvidenceKey.certificate(config.name, run.id);
  const reportKey = EvidenceKey.report(config.name, run.id);
  const certificate = await attempt(
    'the certificate',
    async () => {
      const made = await makeCertificate({
        run,
        config,
        state,
        outcome,
        failure,
        resources,
        steps: history.steps,
      });
      await writeEvidence(certificateKey, made);
      return made;
    },
    true,
  );
  const mailsSent =
    (await attempt('the notices', () => tell(config, run, state, outcome, certificate, reportKey))) ?? 0;
  if (certificate !== undefined) {
    await attempt('the report', () =>
      writeEvidence(
        reportKey,
        renderReport({ certificate, config, state, history, mailsSent }),
        'text/html; charset=utf-8',
      ),
    );
  }
  if (outcome === 'succeeded') await attempt('the durations', () => keepDurations(config, run, history));
  if (!run.dryRun)
    await attempt('the release of the lock', () => releaseLock(config.name, execution.id), true);
  if (problems.length > 0) throw problems[0];
  return { outcome, summary: summaryOf(outcome, failure), certificateKey, reportKey, mailsSent };
});

/** For a run whose input or configuration was refused: enough to report it. */
function minimalContext(execution: ExecutionReference, config: SystemConfig): RunContext {
  const startedAt = new Date(execution.startTime).toISOString();
  return {
    id: runIdOf(execution),
    system: config.name,
    action: 'shutdown',
    executionArn: execution.id,
    startedAt,
    at: startedAt,
    dryRun: false,
    verification: config.verification,
  };
}

/** Tells the people once: a mark in the evidence keeps a repeated call from mailing again. */
async function tell(
  config: SystemConfig,
  run: RunContext,
  state: ReachedState,
  outcome: Outcome,
  certificate: Certificate | undefined,
  reportKey: string,
): Promise<number> {
  if (run.dryRun) return 0;
  const mark = EvidenceKey.closed(config.name, run.id);
  const told = await readEvidence<{ sent: number }>(mark);
  if (told !== undefined) return told.value.sent;
  const failure = failureOf(state);
  const verified = certificate?.verification.equal === true ? certificate.verification : undefined;
  const snapshot = certificate?.snapshot?.identifier;
  const { sent } = await sendOutcomeNotices({
    run,
    config,
    outcome,
    ...(failure === undefined ? {} : { failure }),
    ...(snapshot === undefined ? {} : { snapshot }),
    ...(verified === undefined ? {} : { tables: verified.tables, rows: verified.rows }),
    ...(certificate?.actualSeconds === undefined ? {} : { actualSeconds: certificate.actualSeconds }),
    ...(certificate?.expectedSeconds === undefined ? {} : { expectedSeconds: certificate.expectedSeconds }),
    resources: certificate?.resources ?? [],
    report: reportKey,
    announced: (state.announcement?.sent ?? 0) > 0,
    touched: state.rollback !== undefined || state.drain !== undefined,
  });
  await writeEvidence(mark, { sent, outcome });
  return sent;
}

async function keepDurations(config: SystemConfig, run: RunContext, history: RunHistory): Promise<void> {
  const seconds: Partial<Record<StepName, number>> = {};
  for (const step of history.steps) {
    if (step.endedAt !== undefined && step.outcome === 'succeeded') {
      seconds[step.name] = Math.round((Date.parse(step.endedAt) - Date.parse(step.startedAt)) / 1000);
    }
  }
  await recordDurations(config.name, { runId: run.id, endedAt: new Date(Date.now()).toISOString(), seconds });
}

function summaryOf(outcome: Outcome, failure: { Error: string; Cause: string } | undefined): string {
  return failure === undefined ? outcome : `${outcome}: ${failure.Error}: ${causeText(failure.Cause)}`;
}
