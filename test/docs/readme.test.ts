import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { STEPS, type StepFacts } from '../../functions/contract/steps.ts';
import { pageOf } from '../support/page.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const page = pageOf('README.md');
const [diagram = ''] = page.blocks('mermaid');
const steps: Record<string, StepFacts> = STEPS;

/** Names as they stand in a subgraph of the picture, each with the subgraph. */
const drawn = [...diagram.matchAll(/subgraph (\w+)\[".*?"\]\n([\s\S]*?)\n {2}end/g)].flatMap(
  ([, phase = '', text = '']) =>
    [...text.matchAll(/(\w+)\["(.*?)"\]/g)].map(([, key = '', name = '']) => ({ key, name, phase })),
);
const arrows = diagram.split('\n').flatMap((line) => {
  const keys = line
    .trim()
    .replaceAll(/\[".*?"\]/g, '')
    .split(' --> ');
  return keys.slice(1).map((to, index) => ({ from: keys[index] ?? '', to }));
});

describe('the picture of the machine in README.md', () => {
  it('draws each step of the catalogue once, by its name and in its phase', () => {
    const known = Object.entries(steps).map(([key, { name, phase }]) => ({
      key,
      name,
      phase: phase.replace(' ', ''),
    }));
    const byKey = (one: { key: string }, other: { key: string }): number => one.key.localeCompare(other.key);

    expect(drawn.toSorted(byKey)).toEqual(known.toSorted(byKey));
  });

  it('leads from stage to stage, and never from one branch into another', () => {
    const told = arrows.flatMap(({ from, to }) => {
      const [one, other] = [steps[from]?.outage, steps[to]?.outage];
      return one === undefined || other === undefined ? [] : [{ from, to, one, other }];
    });

    expect(told.length).toBeGreaterThan(15);
    expect(
      told.filter(
        ({ one, other }) =>
          one.stage > other.stage || (one.stage === other.stage && one.branch !== other.branch),
      ),
    ).toEqual([]);
    // Whatever the outage counts is reached from somewhere.
    const reached = new Set(arrows.map(({ to }) => to));
    expect(
      Object.entries(steps).filter(([key, { outage }]) => outage !== undefined && !reached.has(key)),
    ).toEqual([]);
  });
});

describe('README.md', () => {
  it('links to what is there', () => {
    const linked = [...page.text.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => path);

    expect(linked.length).toBeGreaterThan(20);
    expect(linked.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('leads to every page of docs', () => {
    const pages = [
      'architecture',
      'channels',
      'claims',
      'configuration',
      'deploy',
      'design',
      'first-friday',
      'first-monday',
      'not-run-on-aws',
    ];
    const others = ['operations', 'plans', 'reliability', 'sandbox', 'steps', 'verification'];

    for (const name of [...pages, ...others]) expect(page.text).toContain(`(docs/${name}.md)`);
  });

  it('has a picture of a report that is small enough to load', () => {
    const path = join(ROOT, 'docs/pictures/report.png');

    expect(readFileSync(path).subarray(1, 4).toString()).toBe('PNG');
    expect(statSync(path).size).toBeLessThan(300_000);
  });
});
