import type { Recording, SweepCase } from './case.ts';

/** A function tries a connection three times (`engines/patience.ts`): so many in a row, and it gives up. */
const PAST_PATIENCE = 3;

/** From now on, for as long as a run may last. */
const FOR_EVER = 100_000;

/** What can happen to one connection, whatever is asked on it. */
const CONNECTION_FAULTS: { name: string; fault: object }[] = [
  { name: 'refused', fault: { kind: 'refused' } },
  { name: 'refused x3', fault: { kind: 'refused', times: PAST_PATIENCE } },
  { name: 'hangs', fault: { kind: 'hangs', query: 0 } },
  { name: 'too-many-connections', fault: { kind: 'too-many-connections' } },
  { name: 'too-many-connections x3', fault: { kind: 'too-many-connections', times: PAST_PATIENCE } },
  { name: 'starting-up', fault: { kind: 'starting-up' } },
  { name: 'starting-up x3', fault: { kind: 'starting-up', times: PAST_PATIENCE } },
  { name: 'password-refused', fault: { kind: 'password-refused' } },
];

/** What can go on happening to a function's connections to a server until the end of the run. */
const LASTING_FAULTS = [
  'refused',
  'cut',
  'hangs',
  'too-many-connections',
  'starting-up',
  'password-refused',
] as const;

/** Faults of the connections between functions and databases that the recorded run made. */
export function connectionFaults({ connections }: Pick<Recording, 'connections'>): SweepCase[] {
  const counts = new Map<string, number>();
  const singles = connections.flatMap(({ function: step, on, queries }) => {
    const name = `connection ${step} to ${on}`;
    const nth = (counts.get(name) ?? 0) + 1;
    counts.set(name, nth);
    const one = { database: 'connection', function: step, on, nth };
    // The first query, one in the middle, the last: what is begun, what is half done, what is nearly over.
    const places = [...new Set([1, Math.ceil(queries / 2), queries])].filter((query) => query > 0);
    return [
      ...CONNECTION_FAULTS.map(({ name: what, fault }) => ({
        id: `${name} #${nth} ${what}`,
        faults: [{ ...one, ...fault }],
      })),
      ...places.flatMap((query) =>
        ['cut', 'hangs'].map((kind) => ({
          id: `${name} #${nth} ${kind} at query ${query}`,
          faults: [{ ...one, kind, query }],
        })),
      ),
    ];
  });
  const lasting = [...new Map(connections.map((each) => [`${each.function} to ${each.on}`, each]))].flatMap(
    ([name, { function: step, on }]) =>
      LASTING_FAULTS.map((kind) => ({
        id: `connection ${name} ${kind} for ever`,
        faults: [{ database: 'connection', function: step, on, kind, times: FOR_EVER }],
      })),
  );
  return [...singles, ...lasting];
}
