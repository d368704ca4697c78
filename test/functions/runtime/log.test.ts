import { format } from 'node:util';
import { ListCommandInvocationsCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { readInvocation, sendToServer } from '../../../functions/aws/commands.ts';
import { ErrorName, LightsOutError } from '../../../functions/contract/errors.ts';
import { log, logged } from '../../../functions/runtime/log.ts';
import { defineStep } from '../../../functions/runtime/step.ts';
import { SAVED_QUERIES } from '../../../lib/saved-queries.ts';
import { synthesiseSystem } from '../../support/synthesis.ts';
import { execution, invocationAnswer, RUN_ID, runContext } from '../fixtures.ts';

const ssm = mockClient(SSMClient);
let lines: Record<string, unknown>[];

/**
 * What Lambda's runtime writes of a call of the console where the log format is JSON: one parameter becomes the field `message` as it is, several a text
 * (`formatJsonMessage` of https://github.com/aws/aws-lambda-nodejs-runtime-interface-client).
 */
function written(level: string, parameters: unknown[]): Record<string, unknown> {
  const [first, ...others] = parameters;
  const message = others.length === 0 ? first : format(...(parameters as [unknown]));
  return JSON.parse(
    JSON.stringify({ timestamp: '2026-11-27T13:30:00.000Z', level, requestId: 'r', message }),
  ) as Record<string, unknown>;
}

/** A field as Logs Insights names it: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html */
const fieldOf = (line: Record<string, unknown>, name: string): unknown =>
  name
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], line);

beforeEach(() => {
  vi.stubEnv('SYSTEM_NAME', 'crm');
  lines = [];
  for (const level of ['info', 'warn', 'error'] as const)
    vi.spyOn(console, level).mockImplementation((...parameters: unknown[]) => {
      lines.push(written(level.toUpperCase(), parameters));
    });
  ssm.on(SendCommandCommand).resolves({ Command: { CommandId: 'c1' } });
  ssm.on(ListCommandInvocationsCommand).resolves(invocationAnswer('Failed', '', { code: 3 }));
});

const step = defineStep(
  'services',
  async ({ action }: { action: string; execution: typeof execution; state: object }) => {
    await sendToServer({
      document: 'LightsOut-crm-Services',
      instanceId: 'i-1',
      server: 'web-1',
      parameters: {},
      comment: 'x',
    });
    await readInvocation('c1', 'i-1');
    if (action === 'stop') throw new LightsOutError(ErrorName.ServiceDidNotStop, 'nginx is active');
    return { done: true };
  },
);

describe('a line of the log', () => {
  it('has fields that can be queried, and the run, the system, the step and the action on each', async () => {
    const own = { run: runContext() };
    await step({ action: 'start', execution, state: own } as never);
    await expect(step({ action: 'stop', execution, state: own } as never)).rejects.toThrow('nginx is active');

    expect(lines.length).toBeGreaterThanOrEqual(6);
    for (const line of lines) {
      expect(fieldOf(line, 'message')).toBeTypeOf('object');
      expect(line['message']).toMatchObject({
        system: 'crm',
        run: RUN_ID,
        step: 'services',
        action: expect.stringMatching(/^(start|stop)$/),
      });
    }
    expect(lines.at(-1)).toMatchObject({
      level: 'ERROR',
      message: { error: 'ServiceDidNotStop', reason: 'nginx is active' },
    });
  });

  it('knows its run before the plan has answered: by its execution', async () => {
    await step({ action: 'start', execution, state: {} } as never);

    expect(new Set(lines.map((line) => fieldOf(line, 'message.run')))).toEqual(new Set([RUN_ID]));
  });

  it('of two calls at once is of its own', async () => {
    await Promise.all(
      ['a', 'b'].map((run) =>
        logged({ step: 'api', run }, async () => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          log('info', run);
        }),
      ),
    );

    expect(lines.map((line) => [fieldOf(line, 'message.what'), fieldOf(line, 'message.run')]).sort()).toEqual(
      [
        ['a', 'a'],
        ['b', 'b'],
      ],
    );
  });
});

describe('the saved queries', () => {
  it('ask for fields that the functions write', async () => {
    const own = { run: runContext() };
    await step({ action: 'start', execution, state: own } as never);
    await step({ action: 'stop', execution, state: own } as never).catch(() => undefined);

    for (const [name, query] of Object.entries(SAVED_QUERIES)) {
      const fields = query.join(' ').match(/\bmessage\.\w+|\blevel\b/g) ?? [];
      expect(fields.length, name).toBeGreaterThan(3);
      for (const field of new Set(fields))
        expect(
          lines.some((line) => fieldOf(line, field) !== undefined),
          `${name}: ${field}`,
        ).toBe(true);
    }
  });

  it('stand in the stack, over the log groups of all its functions', () => {
    const { of } = synthesiseSystem({});
    const queries = of('AWS::Logs::QueryDefinition') as { Name: string; LogGroupNames: unknown[] }[];

    expect(queries.map(({ Name }) => Name).sort()).toEqual(
      Object.keys(SAVED_QUERIES)
        .map((name) => `lights-out/crm/${name}`)
        .sort(),
    );
    for (const { LogGroupNames } of queries)
      expect(LogGroupNames).toHaveLength(of('AWS::Lambda::Function').length);
  });
});
