/** Distances between two marks, in seconds: the roundest that gives few enough. */
const DISTANCES = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400, 172_800,
  604_800,
];

const MOST_MARKS = 8;

export interface AxisMark {
  /** Milliseconds since the epoch. */
  at: number;
  label: string;
}

/** Round local times between two moments: `22:10`, with seconds for short spans and with the day for long ones. */
export function axisMarks(start: number, end: number, timeZone: string): AxisMark[] {
  const seconds = (end - start) / 1000;
  const distance = DISTANCES.find((candidate) => seconds / candidate <= MOST_MARKS) ?? seconds / MOST_MARKS;
  const every = distance * 1000;
  const label = labelling(distance, seconds, timeZone);
  // Round in the zone's own clock: half an hour off UTC, every second hour would read 01:30.
  const offset = zoneOffset(start, timeZone);
  const marks: AxisMark[] = [];
  for (let at = Math.ceil((start + offset) / every) * every - offset; at <= end; at += every) {
    marks.push({ at, label: label(at) });
  }
  return marks;
}

const DAY_SECONDS = 86_400;

function labelling(distance: number, span: number, timeZone: string): (at: number) => string {
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    ...(distance < 60 ? { second: '2-digit' } : {}),
    hourCycle: 'h23',
  });
  // Numbers only, so that it reads the same in every language: 11-27.
  const day = new Intl.DateTimeFormat('en-CA', { timeZone, month: '2-digit', day: '2-digit' });
  if (distance >= DAY_SECONDS) return (at) => day.format(at);
  return span > DAY_SECONDS ? (at) => `${day.format(at)} ${time.format(at)}` : (at) => time.format(at);
}

/** The zone's clock minus UTC, in milliseconds. */
function zoneOffset(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: string): number => Number(parts.find((entry) => entry.type === type)?.value ?? 0);
  const clock = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return clock - Math.floor(at / 1000) * 1000;
}
