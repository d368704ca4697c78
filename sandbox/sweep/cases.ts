import type { RecordedCall, Recording, SweepCase } from './case.ts';

/** The SDK makes three attempts at a call: so many faults in a row, and the function itself sees the error. */
const PAST_THE_SDK = 3;

/** From now on, for as long as a run may last. */
const FOR_EVER = 100_000;

/** What can happen to one call. */
const CALL_FAULTS: { name: string; fault: object; only?: 'reads' }[] = [
  { name: 'throttle', fault: { kind: 'throttle' } },
  { name: 'throttle x3', fault: { kind: 'throttle', times: PAST_THE_SDK } },
  { name: 'error', fault: { kind: 'error' } },
  { name: 'error x3', fault: { kind: 'error', times: PAST_THE_SDK } },
  { name: 'drop-before', fault: { kind: 'drop-before' } },
  { name: 'drop-before x3', fault: { kind: 'drop-before', times: PAST_THE_SDK } },
  { name: 'drop-after', fault: { kind: 'drop-after' } },
  { name: 'drop-after x3', fault: { kind: 'drop-after', times: PAST_THE_SDK } },
  { name: 'slow', fault: { kind: 'slow' } },
  { name: 'kill-function before', fault: { kind: 'kill-function', when: 'before' } },
  { name: 'kill-function after', fault: { kind: 'kill-function', when: 'after' } },
  { name: 'time-out-function after', fault: { kind: 'time-out-function', when: 'after' } },
  { name: 'stale', fault: { kind: 'stale' }, only: 'reads' },
  { name: 'stale x3', fault: { kind: 'stale', times: 3 }, only: 'reads' },
];

/** What can go on happening to an operation until the end of the run. */
const LASTING_FAULTS = ['error', 'drop-after', 'throttle', 'kill-function'];

/** What can happen to one invocation of a function. */
const INVOCATION_FAULTS = ['twice', 'twice-at-once', 'lose-answer', 'throttle'];

/** Services whose reads are eventually consistent. */
const EVENTUALLY_CONSISTENT = new Set(['rds', 'ec2', 'ssm']);

/** Every single fault that the recorded run gives a place for. */
export function singleFaults(recording: Recording): SweepCase[] {
  return [...callFaults(recording.calls), ...lastingFaults(recording.calls), ...invocationFaults(recording)];
}

function callFaults(calls: RecordedCall[]): SweepCase[] {
  const counts = new Map<string, number>();
  return calls
    .filter((call) => call.function !== 'operator')
    .flatMap(({ function: step, service, operation, spared }) => {
      const name = `${step} ${service}.${operation}`;
      const nth = (counts.get(name) ?? 0) + 1;
      counts.set(name, nth);
      if (spared) return [];
      const isRead = EVENTUALLY_CONSISTENT.has(service) && /^(Describe|Get)/.test(operation);
      return CALL_FAULTS.filter(({ only }) => only === undefined || isRead).map(
        ({ name: what, fault }): SweepCase => ({
          id: `${name} #${nth} ${what}`,
          faults: [{ service, operation, function: step, nth, ...fault }],
        }),
      );
    });
}

function lastingFaults(calls: RecordedCall[]): SweepCase[] {
  const operations = new Map(
    calls
      .filter((call) => call.function !== 'operator' && !call.spared)
      .map((call) => [`${call.function} ${call.service}.${call.operation}`, call]),
  );
  return [...operations].flatMap(([name, { function: step, service, operation }]) =>
    LASTING_FAULTS.map(
      (kind): SweepCase => ({
        id: `${name} ${kind} for ever`,
        faults: [{ service, operation, function: step, kind, times: FOR_EVER }],
      }),
    ),
  );
}

function invocationFaults({ invocations }: Recording): SweepCase[] {
  const counts = new Map<string, number>();
  return invocations.flatMap(({ function: step, spared }) => {
    const nth = (counts.get(step) ?? 0) + 1;
    counts.set(step, nth);
    if (spared) return [];
    return INVOCATION_FAULTS.map(
      (kind): SweepCase => ({
        id: `invocation ${step} #${nth} ${kind}`,
        faults: [{ invocation: step, nth, kind }],
      }),
    );
  });
}

/** `count` pairs of single faults, the same for the same seed. */
export function pairs(singles: SweepCase[], count: number, seed: number): SweepCase[] {
  const random = generator(seed);
  const pick = (): SweepCase => {
    const one = singles[Math.floor(random() * singles.length)];
    if (one === undefined) throw new Error('there is no fault to make pairs of');
    return one;
  };
  return Array.from({ length: count }, (): SweepCase => {
    const [first, second] = [pick(), pick()];
    return { id: `${first.id} + ${second.id}`, faults: [...first.faults, ...second.faults] };
  });
}

/** The same choice of cases for the same seed, spread over all of them. */
export function sample(cases: SweepCase[], count: number, seed: number): SweepCase[] {
  const random = generator(seed);
  return cases
    .map((each) => ({ each, key: random() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ each }) => each);
}

/** Numbers from 0 to 1 that depend on the seed alone: mulberry32. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
