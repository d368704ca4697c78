import { expect } from 'vitest';
import type { Engine } from '../../engines/engine.ts';
import type { Comparison, Difference, Manifest } from '../../engines/manifest.ts';
import { recordAsCrm } from '../support/manifests.ts';
import type { Change } from './typed-column.ts';

/** A sample in the test command; `npm run mutations` makes a thousand. */
const {
  LIGHTS_OUT_MUTATIONS: asked = '60',
  LIGHTS_OUT_UNCHANGED: askedUnchanged = '12',
  LIGHTS_OUT_SEED: seed = '20261124',
} = process.env as Record<string, string | undefined>;

/** How many changes are tried, how many copies without one, and from which seed they are chosen. */
export const [CHANGES, UNCHANGED, SEED] = [Number(asked), Number(askedUnchanged), Number(seed)];

/** Small, so that the larger tables are read in parts. */
export const PART_BYTES = 256 * 1024;

/** Records a database under one name with the others. */
export const record = (engine: Engine, database: string, partBytes = PART_BYTES): Promise<Manifest> =>
  recordAsCrm(engine, database, { partBytes });

/** Each of them when there is time; every sixth otherwise, others for another seed. */
export const chosenOf = (definitions: Change[]): Change[] =>
  CHANGES >= 1000 ? definitions : definitions.filter((_change, index) => index % 6 === SEED % 6);

/** Holds that a change was found, that its object is named, and its key. @returns what was found of it. */
export function expectFound({ equal, differences }: Comparison, change: Change): Difference | undefined {
  const found = differences.find((each) => each.object === `crm: ${change.object}`);
  expect(equal, change.sql).toBe(false);
  expect(
    differences.map((each) => each.object),
    `${change.kind}: ${change.sql}`,
  ).toContain(`crm: ${change.object}`);
  if (change.key !== undefined) {
    expect(found?.rows?.[change.key.of], `${change.sql}: ${JSON.stringify(found)}`).toContain(
      change.key.name,
    );
    expect(found?.strayWrite).toBeUndefined();
  }
  return found;
}
