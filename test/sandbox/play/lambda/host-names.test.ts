import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LambdaFunction } from '../../../../sandbox/play/lambda/lambda.ts';
import { SandboxClock } from '../../../../sandbox/play/simulated-clock.ts';
import { deployedFunction } from '../../../support/deployed-function.ts';

/** The client of a function as it is bundled, which asks SES whether it may send. */
const SES = fileURLToPath(import.meta.resolve('@aws-sdk/client-ses'));
const ASKS_SES = `
import { createRequire } from 'node:module';
const { SESClient, GetSendQuotaCommand } = createRequire(import.meta.url)(${JSON.stringify(SES)});
export const handler = async () => {
  try {
    await new SESClient({ maxAttempts: 1 }).send(new GetSendQuotaCommand({}));
    return 'answered';
  } catch (error) {
    return { code: error.code, message: error.message };
  }
};`;

describe('the names that a function of the sandbox can look up', () => {
  let folder = '';
  let clock: SandboxClock;
  let step: LambdaFunction | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lights-out-hosts-'));
    clock = new SandboxClock(1, 0);
  });
  afterEach(async () => {
    await step?.stop();
    clock.stop();
    rmSync(folder, { recursive: true });
  });

  function deploy(region: string, code: string): LambdaFunction {
    writeFileSync(join(folder, 'index.mjs'), code);
    step = new LambdaFunction(
      { ...deployedFunction('KEY', { Action: [], Resource: [] }), bundleDirectory: folder, environment: {} },
      {
        clock,
        endpointUrl: 'http://127.0.0.1:1',
        region,
        caCertificate: '',
        logDirectory: () => folder,
      },
    );
    return step;
  }

  it.each([
    ['cn-north-1', 'email.cn-north-1.amazonaws.com.cn'],
    ['ap-east-1', 'email.ap-east-1.amazonaws.com'],
  ])('hold no endpoint of SES in %s', async (region, host) => {
    await expect(deploy(region, ASKS_SES).invoke({})).resolves.toEqual({
      code: 'ENOTFOUND',
      message: expect.stringContaining(host),
    });
  });

  it('hold the sandbox’s own endpoint where SES is', async () => {
    await expect(deploy('eu-central-1', ASKS_SES).invoke({})).resolves.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });

  it('hold nobody outside: a rehearsal talks to this machine alone', async () => {
    const code = `export const handler = async () => {
      const of = (url) => fetch(url).then(() => 'answered', (error) => error.cause.code);
      return [await of('https://example.com/'), await of('https://webhooks.sandbox.test:2/')];
    };`;

    await expect(deploy('eu-central-1', code).invoke({})).resolves.toEqual(['ENOTFOUND', 'ECONNREFUSED']);
  });
});
