import type { Language, SystemConfig } from '../../contract/config.ts';
import { ErrorName } from '../../contract/errors.ts';
import { type Html, html, joined, NOTHING } from '../../contract/html.ts';
import { EvidenceKey } from '../../contract/keys.ts';
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
): Html {
  const ending =
    cleanedUp === undefined || failure?.Error === cleanedUp.Error
      ? NOTHING
      : html`<p>${labels.error(cleanedUp.Error)}</p><p class="cause">${labels.original(cleanedUp.Cause)}</p>`;
  if (failure === undefined) return ending === NOTHING ? NOTHING : section(labels.whatHappened, ending);
  const reasons = reasonsOf(state);
  const words =
    reasons.length > 0 && failure.Error === ErrorName.PlanRejected
      ? html`<ol class="reasons">${reasons.map(
          ({ resource, problem, remedy }) =>
            html`<li><strong>${labels.resourceName(resource)}</strong>: ${labels.original(problem)}<br><span class="remedy">→ ${labels.original(remedy)}</span></li>`,
        )}</ol>`
      : html`<p class="cause">${labels.original(causeText(failure.Cause))}</p>`;
  return section(labels.whatHappened, html`<p>${labels.error(failure.Error)}</p>${words}${ending}`);
}

/** Who, when, why, how long, and the snapshot. */
export function renderRun(
  certificate: Certificate,
  config: SystemConfig,
  state: ReachedState,
  labels: Labels,
  language: Language,
): Html {
  const { run, actualSeconds, expectedSeconds, announcedAt, closedAt } = certificate;
  const time = (iso: string): string => localTime(iso, config.timeZone, language);
  const told = (state.announcement?.sent ?? 0) > 0;
  const expected =
    expectedSeconds === undefined ? '' : ` (${labels.expected} ${duration(expectedSeconds, language)})`;
  return facts([
    [labels.run, run.id],
    [labels.begun, time(run.startedAt)],
    [told ? labels.announcedFor : labels.plannedFor, run.onlyProve === true ? undefined : time(announcedAt)],
    [labels.closed, time(closedAt)],
    [
      run.onlyProve === true ? labels.tookInAll : labels.took,
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
export function renderResources({ resources, attention }: Certificate, labels: Labels): Html {
  if (resources.length === 0) return html`<p>${labels.system.unknown}</p>`;
  const wrong = new Set(attention.map((item) => item.resource));
  const rows = resources.map(({ name, state, lastSeen }) => {
    const sight = lastSeen === true ? html` <small>${labels.lastSeen}</small>` : '';
    const mark = wrong.has(name) ? html`<span class="off">! </span>` : '';
    return {
      ...(wrong.has(name) ? { kind: 'bad' } : {}),
      cells: [labels.resourceName(name), html`${mark}<strong>${labels.stateName(state)}</strong>${sight}`],
    };
  });
  return table(labels.resources, [{ label: labels.resource }, { label: labels.state }], rows);
}

/** What the roll back did, part by part; nothing for a run without one. */
export function renderRollback({ rollback, run }: ReachedState, labels: Labels): Html {
  if (rollback === undefined) return NOTHING;
  const parts = [
    // A run that only proves a backup had stopped nothing.
    ...(run?.onlyProve === true
      ? []
      : ([
          [labels.rollbackParts.services, rollback.services],
          [labels.rollbackParts.maintenance, rollback.maintenance],
        ] as const)),
    [labels.rollbackParts.testInstance, rollback.testInstance],
    ...(rollback.testVolumes === undefined
      ? []
      : [[labels.rollbackParts.testVolumes, rollback.testVolumes] as const]),
  ] as const;
  const items = parts.map(([name, part]) => {
    if (isFailure(part)) {
      return html`<li><strong>${name}</strong>: <span class="off">✗ ${labels.error(part.Error)}</span> ${labels.original(causeText(part.Cause))}</li>`;
    }
    const done = part?.done === true;
    const word = done
      ? html`<span class="ok">✓ ${labels.done}</span>`
      : html`<span class="off">✗ ${labels.notDone}</span>`;
    const started =
      part !== undefined && 'services' in part && part.services.length > 0
        ? ` (${part.services.map(({ name: service, server }) => labels.resourceName(`service ${service} on ${server}`).replace(/^service /, '')).join(', ')})`
        : '';
    return html`<li><strong>${name}</strong>: ${word}${started}</li>`;
  });
  return section(labels.rollback, html`<ul>${items}</ul>`);
}

/** What the plan found: the database, pending updates, warnings, reasons. */
export function renderPlan(state: ReachedState, labels: Labels): Html {
  const { plan, inspection, failure } = state;
  if (plan === undefined) return html`<p>${labels.noPlan}</p>`;
  const { database } = plan;
  const databases = inspection?.databases ?? [];
  const reasons = reasonsOf(state);
  const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
  return joined([
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
    html`<h3>${labels.pendingUpdates}</h3>`,
    orNone(
      plan.pendingUpdates.map((update) => `${update.resource}: ${update.description} (${update.kind})`),
      labels,
    ),
    html`<h3>${labels.warnings}</h3>`,
    orNone(warningsOf(state), labels),
    // Those of a refused plan stand above, as what happened.
    failure?.Error === ErrorName.PlanRejected
      ? ''
      : titledOriginals(
          labels.reasons,
          reasons.map((reason) => `${reason.resource}: ${reason.problem}; ${reason.remedy}`),
          labels,
        ),
  ]);
}

function orNone(items: string[], labels: Labels): Html {
  if (items.length === 0) return html`<p class="soft">${labels.none}</p>`;
  return html`<ul>${items.map((item) => html`<li>${labels.original(item)}</li>`)}</ul>`;
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
): Html {
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
      html`<li>${labels.files[file]}<br><code>${`s3://${bucket}/${EvidenceKey[file](run.system, run.id)}`}</code></li>`,
  );
  return html`<p class="hint">${labels.evidenceHint}</p><ul>${items}</ul>${titledOriginals(labels.problems, certificate.problems, labels)}`;
}
