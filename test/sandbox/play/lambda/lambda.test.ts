import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LambdaFunction } from '../../../../sandbox/play/lambda/lambda.ts';
import { SandboxClock } from '../../../../sandbox/play/simulated-clock.ts';
import { deployedFunction } from '../../../support/deployed-function.ts';

const ENVIRONMENT = { NODE_OPTIONS: '--enable-source-maps', LIGHTS_OUT_SYSTEM: 'crm' };

describe('a function of the sandbox', () => {
  let folder = '';
  let clock: SandboxClock;
  let step: LambdaFunction | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lights-out-lambda-'));
    clock = new SandboxClock(1, 0);
  });
  afterEach(async () => {
    await step?.stop();
    clock.stop();
    rmSync(folder, { recursive: true });
  });

  function deploy(code: string): LambdaFunction {
    writeFileSync(join(folder, 'index.mjs'), code);
    const deployed = {
      ...deployedFunction('KEY', { Action: [], Resource: [] }),
      bundleDirectory: folder,
      environment: ENVIRONMENT,
    };
    step = new LambdaFunction(deployed, {
      clock,
      endpointUrl: 'http://127.0.0.1:1',
      region: 'eu-central-1',
      caCertificate: '',
      compileCache: join(folder, 'compiled'),
      logDirectory: () => folder,
    });
    return step;
  }

  it('sees the environment that Lambda gives, and none of the host or the sandbox', async () => {
    const given = deploy('export const handler = async () => ({ ...process.env });');

    const environment = await given.invoke({});

    expect(environment).toEqual({
      ...ENVIRONMENT,
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ACCESS_KEY_ID: 'KEY',
      AWS_SECRET_ACCESS_KEY: expect.any(String),
      AWS_LAMBDA_FUNCTION_NAME: 'KEY',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      LAMBDA_TASK_ROOT: folder,
      TZ: ':UTC',
      LANG: 'en_US.UTF-8',
    });
  });

  it('leaves what was compiled of it for the next thread', async () => {
    const given = deploy('export const handler = async () => 1;');
    await given.invoke({});

    await given.stop();

    const compiled = join(folder, 'compiled');
    const files = existsSync(compiled) ? readdirSync(compiled, { recursive: true, withFileTypes: true }) : [];
    expect(files.filter((entry) => entry.isFile()).length).toBeGreaterThan(0);
  });

  it('names an error and where it was thrown', async () => {
    const given = deploy("export const handler = async () => { throw new RangeError('too far'); };");

    const thrown = await given.invoke({}).catch((error: unknown) => error);

    const { name, message } = thrown as Error;
    const { errorMessage, trace } = JSON.parse(message) as { errorMessage: string; trace: string[] };
    expect({ name, errorMessage }).toEqual({ name: 'RangeError', errorMessage: 'too far' });
    expect(trace[1]).toContain('index.mjs:1:');
  });
});
