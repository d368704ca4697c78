import { expect, it } from 'vitest';
import { ALWAYS_INLINE } from '../../functions/runtime/run-state.ts';
import { synthesiseSystem } from '../support/synthesis.ts';

/** Definitions of all state machines, as text. */
function definitions(): string[] {
  const approval = {
    approvers: [{ address: 'head@example.com' }],
    principals: ['arn:aws:iam::123456789012:role/Head'],
    timeoutMinutes: 45,
  };
  return synthesiseSystem({ approval, updates: 'install', drift: 'stop' })
    .of('AWS::StepFunctions::StateMachine')
    .map(({ DefinitionString }) => JSON.stringify(DefinitionString).replaceAll('\\', ''));
}

it('a state machine reads nothing from a part of the state that may lie in the bucket', () => {
  const broken = definitions().flatMap((definition) => {
    // A task's answer stands there, else at the root; its large parts are stored apart.
    const answers = [...definition.matchAll(/"ResultPath":"\$\.([\w.]+)"/g)].map(([, path = '']) => path);
    const paths = [...definition.matchAll(/"\$\.([\w.]+)"/g)].map(([, path = '']) => path);
    return paths.filter((path) => {
      const within = answers
        .filter((answer) => path === answer || path.startsWith(`${answer}.`))
        .toSorted((one, other) => other.length - one.length)[0];
      const [part = '', ...below] = (within === undefined ? path : path.slice(within.length + 1)).split('.');
      return below.length > 0 && !ALWAYS_INLINE.has(part);
    });
  });

  expect([...new Set(broken)]).toEqual([]);
});
