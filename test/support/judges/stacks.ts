import { largestSystem, SHAPES, type Shape } from '../../shapes.ts';
import { type ResolvedStack, resolvedStack } from '../iam/policies.ts';

const [EXAMPLE] = SHAPES;
if (EXAMPLE === undefined) throw new Error('test/shapes.ts holds no shape');

/** All shapes, and the largest system beside them. */
export const ALL_SHAPES: Shape[] = [
  ...SHAPES,
  { name: 'the largest system', system: largestSystem(), environment: EXAMPLE.environment },
];

/** Properties of the resources of one type, by logical id. */
export function resourcesOf(stack: ResolvedStack, type: string): [string, Record<string, unknown>][] {
  return Object.entries(stack.resources).flatMap(([id, { Type, Properties }]) =>
    Type === type ? [[id, Properties ?? {}]] : [],
  );
}

/** Every definition that any shape has, each once. */
export function distinctMachines(): { name: string; definition: string }[] {
  const machines = new Map<string, { name: string; definition: string }>();
  for (const shape of ALL_SHAPES)
    for (const [, properties] of resourcesOf(resolvedStack(shape), 'AWS::StepFunctions::StateMachine')) {
      const definition = String(properties['DefinitionString']);
      const name = `${String(properties['StateMachineName'])} of ${shape.name}`;
      // Machines that differ in their functions' ARNs alone are one.
      const key = definition.replaceAll(/arn:aws[^"]*/g, 'arn');
      if (!machines.has(key)) machines.set(key, { name, definition });
    }
  return [...machines.values()];
}
