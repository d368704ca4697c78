import type { Language } from '../../contract/config.ts';
import { type Html, html, joined } from '../../contract/html.ts';
import type { Plan } from '../../contract/plan-state.ts';
import { StepName } from '../../contract/steps.ts';
import type { TimelineStep } from '../../contract/timeline.ts';
import { duration, localTime } from '../../notices/notice.ts';
import { type AxisMark, axisMarks } from './axis.ts';
import { type Labels, stateLabel } from './labels.ts';

export interface TimelineProps {
  steps: TimelineStep[];
  expected: Plan['expected']['steps'];
  /** What users were told, ISO 8601. */
  announcedAt: string;
  timeZone: string;
  language: Language;
  labels: Labels;
  /** End of a step that is still under way, ISO 8601. */
  now: string;
}

/** Width of a lane in its own units: bars are drawn in them and scale with the page. */
export const LANE_WIDTH = 1000;

/** The narrowest bar that is still seen. */
const NARROWEST = 4;

/** Where a step's bar begins and ends, and where it was expected to end, in lane units. */
export interface Bar {
  step: TimelineStep;
  from: number;
  to: number;
  plannedTo?: number;
  seconds: number;
}

export interface Scale {
  /** Milliseconds since the epoch. */
  start: number;
  end: number;
  /** Lane units of a moment. */
  at: (moment: number) => number;
}

/** All bars to one scale, from the first step's start to the last end, expected ends included. */
export function barsOf(
  steps: TimelineStep[],
  expected: Plan['expected']['steps'],
  now: string,
): { bars: Bar[]; scale: Scale } {
  const spans = steps.map((step) => {
    const from = Date.parse(step.startedAt);
    const to = Math.max(from, Date.parse(step.endedAt ?? now));
    const planned = expected[step.name];
    return { step, from, to, ...(planned === undefined ? {} : { plannedTo: from + planned * 1000 }) };
  });
  const start = Math.min(...spans.map((span) => span.from));
  const end = Math.max(start + 1000, ...spans.map((span) => Math.max(span.to, span.plannedTo ?? 0)));
  const at = (moment: number): number => ((moment - start) / (end - start)) * LANE_WIDTH;
  const bars = spans.map(({ step, from, to, plannedTo }) => ({
    step,
    from: at(from),
    to: at(to),
    ...(plannedTo === undefined ? {} : { plannedTo: at(plannedTo) }),
    seconds: (to - from) / 1000,
  }));
  return { bars, scale: { start, end, at } };
}

/** Steps that write the report. */
const CLOSING: StepName[] = [StepName.report, StepName.closeStartup];

/** Steps that wait for people: when they fill the picture, the rest is drawn once more without them. */
const WAITS: StepName[] = [StepName.plan, StepName.approval, StepName.announce];
const MOST_WAITING = 0.6;

/** The run drawn to scale; when it mostly waited for people, the outage itself once more, enlarged. */
export function renderTimeline(props: TimelineProps): Html {
  const { steps, labels } = props;
  if (steps.length === 0) return html`<p>${labels.none}</p>`;
  const whole = draw(props, labels.timeline);
  const rest = steps.filter((step) => !WAITS.includes(step.name));
  const { bars } = barsOf(steps, {}, props.now);
  const waited = bars.find((bar) => bar.step.name === rest[0]?.name)?.from ?? 0;
  if (rest.length < 3 || waited < MOST_WAITING * LANE_WIDTH) return whole;
  // Its marks are times without a day.
  const from = localTime(rest[0]?.startedAt ?? props.announcedAt, props.timeZone, props.language);
  const title = `${labels.fromAnnounced}: ${from}`;
  return html`${whole}<h3>${title}</h3>${draw({ ...props, steps: rest }, title)}`;
}

function draw(props: TimelineProps, title: string): Html {
  const { steps, expected, timeZone, now } = props;
  const { bars, scale } = barsOf(steps, expected, now);
  const axis = axisMarks(scale.start, scale.end, timeZone);
  const moments = momentsOf(props, scale);
  const grid = joined([
    ...axis.map(({ at }) => line('grid', scale.at(at))),
    ...moments.map(({ at }) => line('moment', scale.at(at))),
  ]);
  return joined([
    html`<div class="timeline">`,
    html`<div class="axis" aria-hidden="true">${axis.map((mark) => label('tick', mark, scale))}</div>`,
    html`<ol aria-label="${title}">${bars.map((bar) => row(bar, grid, props))}</ol>`,
    // A row each: with a notice of a day all of them lie at the end, one over the other.
    ...moments.map((mark) => html`<div class="axis moments">${label('', mark, scale)}</div>`),
    html`</div>`,
  ]);
}

/** Moments that matter more than round times: only those of a run that got beyond waiting. */
function momentsOf({ steps, announcedAt, labels }: TimelineProps, { start, end }: Scale): AxisMark[] {
  if (steps.every(({ name }) => WAITS.includes(name) || name === StepName.report)) return [];
  const noReturn = steps.filter(({ name }) => name === StepName.database || name === StepName.servers);
  return [
    { at: Date.parse(announcedAt), label: labels.announcedMark },
    ...noReturn.slice(0, 1).map((step) => ({ at: Date.parse(step.startedAt), label: labels.noReturnMark })),
  ].filter(({ at }) => at >= start && at <= end);
}

function row(bar: Bar, grid: Html, { labels, language, expected }: TimelineProps): Html {
  const { step, from, to, plannedTo, seconds } = bar;
  const planned = expected[step.name];
  const notes = [
    ...(step.outcome === 'failed' ? [labels.failed] : []),
    // This report is written within the last step: read later, that one is long over.
    ...(step.outcome === 'running'
      ? [CLOSING.includes(step.name) ? labels.writesThis : labels.underWay]
      : []),
    ...(step.attempts > 1 ? [labels.tries(step.attempts)] : []),
    ...(planned === undefined ? [] : [`${labels.expected} ${duration(planned, language)}`]),
  ];
  const width = Math.max(NARROWEST, to - from);
  const x = Math.min(from, LANE_WIDTH - width);
  const lane = [
    grid,
    plannedTo === undefined
      ? ''
      : html`<rect class="planned" x="${round(from)}" y="19" width="${round(plannedTo - from)}" height="4"/>`,
    html`<rect class="bar ${step.outcome}" x="${round(x)}" y="4" width="${round(width)}" height="13"/>`,
  ];
  return joined([
    html`<li class="${step.outcome}"><span class="name">${stateLabel(labels, step.name)}</span>`,
    html`<svg class="lane" viewBox="0 0 ${LANE_WIDTH} 26" preserveAspectRatio="none" aria-hidden="true" focusable="false">${lane}</svg>`,
    html`<span class="took"><strong>${duration(seconds, language)}</strong> <small>${notes.join(' · ')}</small></span></li>`,
  ]);
}

function line(kind: string, x: number): Html {
  return html`<line class="${kind}" x1="${round(x)}" y1="0" x2="${round(x)}" y2="26"/>`;
}

/** A label at its place: one of the axis stays within the picture, a moment's ends there in the right half. */
function label(kind: string, { at, label: text }: AxisMark, scale: Scale): Html {
  const percent = round(scale.at(at) / (LANE_WIDTH / 100));
  const side =
    kind === '' ? (percent > 50 ? ' left' : '') : percent < 6 ? ' first' : percent > 94 ? ' last' : '';
  return html`<span class="${kind}${side}" style="left:${percent}%">${text}</span>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
