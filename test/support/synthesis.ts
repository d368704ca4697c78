import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SystemConfig, type SystemConfigInput } from '../../functions/contract/config.ts';
import { SystemStack } from '../../lib/system-stack.ts';
import { systems } from '../../systems.ts';
import { cachedTemplate } from './template-cache.ts';

export interface State {
  Type: string;
  Next?: string;
  Default?: string;
  End?: boolean;
  Choices?: { Next: string }[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
  Retry?: { ErrorEquals: string[] }[];
  Branches?: Machine[];
  TimeoutSeconds?: number;
  HeartbeatSeconds?: number;
  Parameters?: unknown;
  ItemSelector?: unknown;
}

export interface Machine {
  StartAt: string;
  States: Record<string, State>;
}

/** The example of `systems.ts` with changes, as a stack without bundled code: the template and the parsed state machine. */
export function synthesiseSystem(changes: Partial<SystemConfigInput> = {}) {
  const [example] = systems;
  if (example === undefined) throw new Error('systems.ts holds no example');
  return synthesise({ ...example, ...changes });
}

/** The same of a whole system: what it leaves out is left out. */
export function synthesise(input: SystemConfigInput) {
  const system = SystemConfig.parse(input);
  const template = cachedTemplate(system, () => templateOf(system));
  const of = (type: string): Record<string, unknown>[] =>
    Object.values(template.Resources).flatMap((resource) =>
      resource.Type === type ? [resource.Properties] : [],
    );
  const machines = of('AWS::StepFunctions::StateMachine');
  const definitionOf = (machine: Record<string, unknown> | undefined): Machine => {
    const definition = machine?.['DefinitionString'] as { 'Fn::Join': [string, unknown[]] } | undefined;
    const parts = definition?.['Fn::Join'][1].map((part) =>
      typeof part === 'string' ? part : 'arn:placeholder',
    );
    return JSON.parse(parts?.join('') ?? '{}') as Machine;
  };
  /** The machine whose name ends so: `Startup`. */
  const machineOf = (suffix: string): Machine =>
    definitionOf(machines.find(({ StateMachineName }) => String(StateMachineName).endsWith(`-${suffix}`)));
  return { template, of, machine: definitionOf(machines[0]), machineOf };
}

/** A stack as CloudFormation gets it. */
export interface StackTemplate {
  Resources: Record<string, TemplateResource>;
  Outputs?: Record<string, unknown>;
}

export interface TemplateResource {
  Type: string;
  Properties: Record<string, unknown>;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

function templateOf(system: SystemConfig): StackTemplate {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const { environment } = system;
  return Template.fromStack(
    new SystemStack(app, `LightsOut-${system.name}`, {
      system,
      ...(environment === undefined ? {} : { env: environment }),
    }),
  ).toJSON() as StackTemplate;
}

/** A machine and the machines of its parallel branches. */
export function machinesOf(machine: Machine): Machine[] {
  return [
    machine,
    ...Object.values(machine.States).flatMap((state) => (state.Branches ?? []).flatMap(machinesOf)),
  ];
}
