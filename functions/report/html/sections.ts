import type { Language, SystemConfig } from '../../contract/config.ts';
import { ErrorName } from '../../contract/errors.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import { escapeHtml } from '../../notices/html.ts';
import { duration, localTime } from '../../notices/notice.ts';
import { causeText } from '../../notices/outcome.ts';
import { askedBy, requesterInWords } from '../../notices/requester.ts';
import { reasonsOf, warningsOf } from '../../runtime/plan-results.ts';
import type { Certificate } from '../certificate.ts';
import { isFailure, type ReachedState } from '../outcome.ts';
import type { EvidenceFile, Labels } from './labels.ts';
import { facts, section, table, titledOriginals } from './markup.ts';

/** Why the run ended as it did: the plan's reasons one by one, or the error in its own words. */
export function renderFailure(
  { failure, cleanedUp }: Certificate,
  state: ReachedState,
  labels: Labels,
): string {
  const ending =
    cleanedUp === undefined || failure?.Error === cleanedUp.Error
      ? ''
      : `<p>${labels.error(cleanedUp.Error)}</p><p class="cause">${labels.original(cleanedUp.Cause)}</p>`;
  if (failure === undefined) return ending === '' ? '' : section(labels.whatHappened, ending);
  const reasons = reasonsOf(state);
  const words =
    reasons.length > 0 && failure.Error === ErrorName.PlanRejected
      ? `<ol class="reasons">${reasons
          .map(
            ({ resource, problem, remedy }) =>
              `<li><strong>${escapeHtml(labels.resourceName(resource))}</strong>: ${labels.original(problem)}<br><span class="remedy">→ ${labels.original(remedy)}</span></li>`,
          )
          .join('')}</ol>`
      : `<p class="cause">${labels.original(causeText(failure.Cause))}</p>`;
  return section(labels.whatHappened, `<p>${labels.error(failure.Error)}</p>${words}${ending}`);
}

/** Who, when, why, how long, and the snapshot. */
export function renderRun(
  certificate: Certificate,
  config: SystemConfig,
  state: ReachedState,
  labels: Labels,
  language: Language,
): string {
  const { run, actualSeconds, expectedSeconds, announcedAt, closedAt } = certificate;
  const time = (iso: string): string => localTime(iso, config.timeZone, language);
  const told = (state.announcement?.sent ?? 0) > 0;
  const expected =
    expectedSeconds === undefined ? '' : ` (${labels.expected} ${duration(expectedSeconds, language)})`;
  return facts([
    [labels.run, run.id],
    [labels.begun, time(run.startedAt)],
    [told ? labels.announcedFor : labels.plannedFor, time(announcedAt)],
    [labels.closed, time(closedAt)],
    [
      labels.took,
      actualSeconds === undefined ? undefined : `${duration(actualSeconds, language)}${expected}`,
    ],
    [labels.snapshot, snapshotWords(certificate, labels)],
    [labels.reason, run.reason],
    [labels.requestedBy, requesterInWords(askedBy(run), language)],
    [labels.approvedBy, certificate.approvedBy],
    [labels.execution, run.executionArn],
    [labels.cleanedUpBy, certificate.cleanedUp?.by],
    [labels.configuration, run.configuration],
    [labels.version, certificate.version],
  ]);
}

function snapshotWords({ snapshot, alreadyOff }: Certificate, labels: Labels): string {
  if (alreadyOff !== undefined)
    return `${alreadyOff.snapshot} (${labels.run} ${alreadyOff.run}, ${alreadyOff.verified ? labels.verified : labels.notVerified})`;
  if (snapshot === undefined) return labels.noSnapshot;
  const proof = snapshot.verified
    ? labels.verified
    : snapshot.confirmed
      ? labels.notVerified
      : labels.notConfirmed;
  return `${snapshot.identifier} (${proof})`;
}

/** Every resource's state; what needs a person is marked. */
export function renderResources({ resources, attention }: Certificate, labels: Labels): string {
  if (resources.length === 0) return `<p>${escapeHtml(labels.system.unknown)}</p>`;
  const wrong = new Set(attention.map((item) => item.resource));
  const rows = resources.map(({ name, state, lastSeen }) => {
    const sight = lastSeen === true ? ` <small>${escapeHtml(labels.lastSeen)}</small>` : '';
    const mark = wrong.has(name) ? '<span class="off">! </span>' : '';
    return {
      ...(wrong.has(name) ? { kind: 'bad' } : {}),
      cells: [
        escapeHtml(labels.resourceName(name)),
        `${mark}<strong>${escapeHtml(labels.stateName(state))}</strong>${sight}`,
      ],
    };
  });
  return table(labels.resources, [{ label: labels.resource }, { label: labels.state }], rows);
}

/** What the roll back did, part by part; nothing for a run without one. */
export function renderRollback({ rollback }: ReachedState, labels: Labels): string {
  if (rollback === undefined) return '';
  const parts = [
    [labels.rollbackParts.services, rollback.services],
    [labels.rollbackParts.maintenance, rollback.maintenance],
    [labels.rollbackParts.testInstance, rollback.testInstance],
    ...(rollback.testVolumes === undefined
      ? []
      : [[labels.rollbackParts.testVolumes, rollback.testVolumes] as const]),
  ] as const;
  const items = parts.map(([name, part]) => {
    if (isFailure(part)) {
      return `<li><strong>${escapeHtml(name)}</strong>: <span class="off">✗ ${labels.error(part.Error)}</span> ${labels.original(causeText(part.Cause))}</li>`;
    }
    const done = part?.done === true;
    const word = done
      ? `<span class="ok">✓ ${escapeHtml(labels.done)}</span>`
      : `<span class="off">✗ ${escapeHtml(labels.notDone)}</span>`;
    const started =
      part !== undefined && 'services' in part && part.services.length > 0
        ? ` (${part.services.map(({ name: service, server }) => labels.resourceName(`service ${service} on ${server}`).replace(/^service /, '')).join(', ')})`
        : '';
    return `<li><strong>${escapeHtml(name)}</strong>: ${word}${escapeHtml(started)}</li>`;
  });
  return section(labels.rollback, `<ul>${items.join('')}</ul>`);
}

/** What the plan found: the database, pending updates, warnings, reasons. */
export function renderPlan(state: ReachedState, labels: Labels): string {
  const { plan, inspection, failure } = state;
  if (plan === undefined) return `<p>${escapeHtml(labels.noPlan)}</p>`;
  const { database } = plan;
  const databases = inspection?.databases ?? [];
  const reasons = reasonsOf(state);
  const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
  return [
    facts([
      [
        labels.database,
        database === undefined
          ? undefined
          : `${database.identifier}: ${labels.databaseFacts({ version: `${database.engine} ${inspection?.serverVersion ?? database.engineVersion}`, instanceClass: database.instanceClass, storageGib: database.allocatedStorageGib })}`,
      ],
      [
        labels.contents,
        databases.length === 0
          ? undefined
          : labels.databases({
              count: databases.length,
              tables: sum(databases.map((each) => each.tables)),
              bytes: bytesInWords(sum(databases.map((each) => each.bytes))),
              sessions: inspection?.sessions ?? 0,
            }),
      ],
    ]),
    `<h3>${escapeHtml(labels.pendingUpdates)}</h3>`,
    orNone(
      plan.pendingUpdates.map((update) => `${update.resource}: ${update.description} (${update.kind})`),
      labels,
    ),
    `<h3>${escapeHtml(labels.warnings)}</h3>`,
    orNone(warningsOf(state), labels),
    // Those of a refused plan stand above, as what happened.
    failure?.Error === ErrorName.PlanRejected
      ? ''
      : titledOriginals(
          labels.reasons,
          reasons.map((reason) => `${reason.resource}: ${reason.problem}; ${reason.remedy}`),
          labels,
        ),
  ].join('');
}

function orNone(items: string[], labels: Labels): string {
  if (items.length === 0) return `<p class="soft">${escapeHtml(labels.none)}</p>`;
  return `<ul>${items.map((item) => `<li>${labels.original(item)}</li>`).join('')}</ul>`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

function bytesInWords(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value >= 10 || power === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/** The objects that this run left in the bucket. */
export function renderEvidence(
  certificate: Certificate,
  state: ReachedState,
  bucket: string,
  labels: Labels,
): string {
  const { run, verification } = certificate;
  const there: Record<EvidenceFile, boolean> = {
    certificate: true,
    report: true,
    plan: state.acceptance !== undefined || state.failure?.Error === ErrorName.PlanRejected,
    announcement: state.announcement !== undefined,
    servicesBefore: state.services !== undefined,
    sourceManifest: verification.compared.length > 0,
    restoredManifest: verification.restored !== undefined,
    verification: verification.restored !== undefined,
    lastLook: certificate.lastLook?.source !== undefined,
    volumes: certificate.files?.confirmed === true,
    filesSource: certificate.files?.verification !== undefined,
    filesVerification: certificate.files?.verification !== undefined,
  };
  const files = (Object.keys(there) as EvidenceFile[]).filter((file) => there[file]);
  const items = files.map(
    (file) =>
      `<li>${escapeHtml(labels.files[file])}<br><code>${escapeHtml(`s3://${bucket}/${EvidenceKey[file](run.system, run.id)}`)}</code></li>`,
  );
  return `<p class="hint">${escapeHtml(labels.evidenceHint)}</p><ul>${items.join('')}</ul>${titledOriginals(labels.problems, certificate.problems, labels)}`;
}
