import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('npm ci', () => {
  it('warns of nothing that the README calls fine: npm shows errors only', async () => {
    // npm warns of each package that wants a newer Node than the one that installs it: 14 blocks on Node 20.
    const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'loglevel'], {
      cwd: ROOT,
      env: { ...process.env, npm_config_loglevel: undefined },
    });

    expect(stdout.trim()).toBe('error');
  });
});
