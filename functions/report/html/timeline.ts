import type { Language } from '../../shared/contract/config.ts';
import type { Plan } from '../../shared/contract/state.ts';
import { escapeHtml } from '../../shared/html.ts';
import { duration } from '../../shared/notices/notice.ts';
import type { TimelineStep } from '../../shared/timeline.ts';
import type { Labels } from './labels.ts';

export interface TimelineProps {
  steps: TimelineStep[];
  expected: Plan['expected']['steps'];
  timeZone: string;
  language: Language;
  labels: Labels;
  /** End of a step that is still under way. */
  now: string;
}

const WIDTH = 1000;
const NAME_WIDTH = 220;
const TIME_WIDTH = 110;
const ROW = 32;
const TOP = 30;

/** Where a step's bar begins and ends, as parts (0 to 1) of the whole span. */
export interface Bar {
  step: TimelineStep;
  from: number;
  to: number;
  seconds: number;
}

/** The bars to one scale, from the first step's start to the last one's end. */
export function barsOf(steps: TimelineStep[], now: string): { bars: Bar[]; start: number; end: number } {
  const end = (step: TimelineStep): number => Date.parse(step.endedAt ?? now);
  const start = Math.min(...steps.map((step) => Date.parse(step.startedAt)));
  const last = Math.max(...steps.map(end));
  const span = Math.max(1, last - start);
  const bars = steps.map((step) => ({
    step,
    from: (Date.parse(step.startedAt) - start) / span,
    to: (end(step) - start) / span,
    seconds: (end(step) - Date.parse(step.startedAt)) / 1000,
  }));
  return { bars, start, end: last };
}

/** The run drawn to scale: a row a step, what it took as a bar, what was expected as a line beneath. */
export function renderTimeline({ steps, expected, timeZone, language, labels, now }: TimelineProps): string {
  if (steps.length === 0) return `<p>${escapeHtml(labels.none)}</p>`;
  const { bars, start, end } = barsOf(steps, now);
  const width = WIDTH - NAME_WIDTH - TIME_WIDTH;
  const x = (part: number): number => Math.round((NAME_WIDTH + part * width) * 10) / 10;
  const height = TOP + bars.length * ROW + 8;
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const marks = ticks(start, end).map((at) => {
    const position = x((at - start) / Math.max(1, end - start));
    return `<line class="grid" x1="${position}" y1="${TOP - 6}" x2="${position}" y2="${height}"/><text class="soft" x="${position}" y="14" text-anchor="middle">${clock.format(at)}</text>`;
  });
  const rows = bars.map(({ step, from, to, seconds }, index) => {
    const y = TOP + index * ROW;
    const name = labels.steps[step.name] ?? step.name;
    const planned = expected[step.name];
    const plannedEnd =
      planned === undefined ? undefined : Math.min(1, from + (planned * 1000) / Math.max(1, end - start));
    const tries = step.attempts > 1 ? ` ×${step.attempts}` : '';
    const tooltip = `${name}: ${duration(seconds, language)}${planned === undefined ? '' : ` (${labels.expected} ${duration(planned, language)})`}`;
    return [
      `<g><title>${escapeHtml(tooltip)}</title>`,
      `<text x="0" y="${y + 17}">${escapeHtml(name)}${tries}</text>`,
      `<rect class="bar ${step.outcome}" x="${x(from)}" y="${y + 5}" width="${Math.max(2, Math.round((to - from) * width * 10) / 10)}" height="14" rx="3"/>`,
      plannedEnd === undefined
        ? ''
        : `<line class="plan" x1="${x(from)}" y1="${y + 23}" x2="${x(plannedEnd)}" y2="${y + 23}"/>`,
      `<text class="soft" x="${x(to) + 6}" y="${y + 17}">${escapeHtml(duration(seconds, language))}</text></g>`,
    ].join('');
  });
  return `<div class="scroll"><svg style="width:100%;min-width:640px;height:auto" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(labels.timeline)}">${marks.join('')}${rows.join('')}</svg></div>`;
}

const STEPS_MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440];

/** Round times on the axis, at most nine of them. */
function ticks(start: number, end: number): number[] {
  const minutes = STEPS_MINUTES.find((step) => (end - start) / (step * 60_000) <= 9) ?? 2880;
  const every = minutes * 60_000;
  const marks: number[] = [];
  for (let at = Math.ceil(start / every) * every; at <= end; at += every) marks.push(at);
  return marks;
}
