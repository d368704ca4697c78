import { describe, expect, it } from 'vitest';
import { labelsOf } from '../../../functions/report/html/language.ts';
import { type Definition, graphOf } from '../../../functions/report/html/state-graph.ts';
import { layOutStates, type Placed } from '../../../functions/report/html/state-layout.ts';
import { renderStateMachine } from '../../../functions/report/html/state-machine.ts';
import { synthesiseSystem } from '../../support/synthesis.ts';

const approval = {
  approvers: [{ address: 'head@example.com' }],
  principals: ['arn:aws:iam::123456789012:role/Head'],
};
const definition = synthesiseSystem({ approval }).machine as unknown as Definition;
const graph = graphOf(definition);
const { placed } = layOutStates(graph);
const yOf = (name: string): number => placed.get(name)?.y ?? Number.NaN;

const overlap = (a: Placed, b: Placed): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe('the picture of the deployed machine', () => {
  it('draws no state over another', () => {
    const all = [...placed.values()];
    const over = all.flatMap((one, index) =>
      all
        .slice(index + 1)
        .filter((other) => overlap(one, other))
        .map((other) => `${one.node.name} | ${other.node.name}`),
    );

    expect(placed.size).toBeGreaterThan(20);
    expect(over).toEqual([]);
  });

  it('shows the steps one below the other as they happen, the closing below all of them', () => {
    const order = [
      'Plan',
      'Announce',
      'Stop services',
      'Back up',
      'Verify restore',
      'Switch off',
      'Close the run',
    ];
    const heights = order.map(yOf);

    expect(heights).toEqual([...heights].sort((a, b) => a - b));
    expect(yOf('Roll back')).toBeLessThan(yOf('Close the run'));
  });

  it('draws no way back from after the closing where nobody redrove the run', () => {
    const picture = renderStateMachine({
      definition,
      visited: ['Plan'],
      transitions: [],
      failed: [],
      labels: labelsOf('en'),
    });
    const arrows = [
      ...picture.markup.matchAll(/<g class="edge [^"]*"><path d="M[\d.]+ ([\d.]+)[^"]*?([\d.]+)"\/>/g),
    ];

    expect(arrows.length).toBeGreaterThan(20);
    const closing = yOf('Close the run');
    expect(arrows.filter(([, from, to]) => Number(from) > closing && Number(to) < closing)).toEqual([]);
  });
});
