import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../engines/manifest.ts';
import type { LiveComparison } from '../../functions/databases/live-comparison.ts';
import { systems } from '../../systems.ts';
import { rehearseScenario, type Scenario } from '../support/rehearsals.ts';

/** The example system, whose database is read in batches of this size. */
async function run(comparisonBatchMib: number, scenario: Scenario = {}) {
  const [system] = systems;
  if (system === undefined) throw new Error('no example system');
  const spread = { ...system, database: { ...system.database, comparisonBatchMib } };
  const rehearsal = await rehearseScenario({ ...scenario, systems: [spread], rows: 100_000 });
  const folder = rehearsal.evidenceFolder();
  const json = <Value>(name: string): Value => JSON.parse(rehearsal.evidence(name)) as Value;
  const batches = (side: string): number =>
    json<{ batches: unknown[] }>(`batches/${side}.json`).batches.length;
  const results = (side: string): number => readdirSync(join(folder, 'batches', side)).length;
  return { ...rehearsal, folder, json, batches, results };
}

const partsOf = (manifest: Manifest) =>
  manifest.databases.flatMap(({ tables }) =>
    tables.map(({ name, parts }) => [name, parts?.span, parts?.read.length]),
  );

describe('a comparison that is spread over several calls', { timeout: 240_000 }, () => {
  it('reads source and copy in the same batches, through a Map in the state, and proves the backup', async () => {
    const { record, broken, json, batches, results } = await run(1);

    expect({ broken, outcome: record.outcome, error: record.error }).toEqual({
      broken: [],
      outcome: 'succeeded',
      error: undefined,
    });
    expect(record.verification).toMatchObject({ equal: true, tables: 5, rows: 100_000, differences: [] });
    expect(batches('source')).toBeGreaterThan(3);
    expect(batches('source')).toBeLessThanOrEqual(40);
    expect(results('source')).toBe(batches('source'));
    expect(results('restored')).toBe(batches('restored'));
    const [source, copy] = [json<Manifest>('manifest-source.json'), json<Manifest>('manifest-restored.json')];
    expect(partsOf(copy).toSorted()).toEqual(partsOf(source).toSorted());
    expect(partsOf(source).some(([, , parts]) => Number(parts) > 1)).toBe(true);
  });

  it('reads a source in use twice, and its copy, each in batches, where only a backup is proved', async () => {
    const { record, broken, json, batches, results } = await run(0.2, {
      input: { onlyProve: true },
      faults: [{ world: 'stray-write' }],
    });

    expect({ broken, outcome: record.outcome, error: record.error }).toEqual({
      broken: [],
      outcome: 'proved',
      error: undefined,
    });
    expect(record.verification).toMatchObject({ equal: true, tables: 5, differences: [] });
    expect(results('restored')).toBe(batches('restored'));
    const { live } = json<{ live: LiveComparison }>('verification.json');
    expect(live.written).toMatchObject([{ copy: 'after' }]);
  });

  it('reads many batches through a distributed Map, whose list lies in the evidence bucket', async () => {
    const { record, broken, folder, batches, results } = await run(0.2);

    expect({ broken, outcome: record.outcome, error: record.error }).toEqual({
      broken: [],
      outcome: 'succeeded',
      error: undefined,
    });
    expect(batches('source')).toBeGreaterThan(40);
    expect(results('source')).toBe(batches('source'));
    expect(results('restored')).toBe(batches('restored'));
    expect(existsSync(join(folder, 'batches', 'source-items.json'))).toBe(true);
    expect(record.verification).toMatchObject({ equal: true, tables: 5, rows: 100_000 });
  });

  it('finds a copy that differs in one cell, and where', async () => {
    const { record, broken, json } = await run(1, { faults: [{ world: 'corrupt-restore' }] });

    expect(broken).toEqual([]);
    expect(record).toMatchObject({
      outcome: 'rolled-back',
      error: { name: 'VerificationMismatch' },
      resources: { database: 'available', testInstances: [], locks: [] },
    });
    const { differences } = json<{ differences: { kind: string; keys?: string[]; chunks?: string[] }[] }>(
      'verification.json',
    );
    expect(differences).toEqual([
      expect.objectContaining({ kind: 'content', keys: [expect.stringMatching(/^\d+$/)] }),
    ]);
  });

  it('takes no harm from batches that are read twice at once, or whose answer is lost', async () => {
    const { record, broken, batches, results } = await run(1, {
      faults: [
        { invocation: 'manifest', nth: 2, kind: 'twice-at-once', times: 2 },
        { invocation: 'verify', nth: 3, kind: 'lose-answer', times: 2 },
      ],
    });

    expect({ broken, outcome: record.outcome, error: record.error }).toEqual({
      broken: [],
      outcome: 'succeeded',
      error: undefined,
    });
    expect(results('source')).toBe(batches('source'));
    expect(record.verification).toMatchObject({ equal: true, rows: 100_000 });
  });
});
