import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect } from 'vitest';

const run = promisify(execFile);
const CLI = fileURLToPath(new URL('../../cli/lights-out.ts', import.meta.url));

/** Runs a command to its end, in a process of its own. */
export async function lightsOut(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    const { stdout, stderr } = await run(process.execPath, [CLI, ...args], {
      env: { ...process.env, ...env },
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const failed = error as { code: number; stdout: string; stderr: string };
    return { code: failed.code, stdout: failed.stdout, stderr: failed.stderr };
  }
}

/** A folder for the files of a test file, an empty file in it, and the output that no refused command may begin. */
export function inputFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'lights-out-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  return { folder, file, out: join(folder, 'out'), empty: file('empty.json', '') };
}

/** The command ends with 2 and this message, without a trace of the code, and has written nothing into `out`. */
export async function expectRefused(
  args: string[],
  message: RegExp,
  out: string,
): Promise<{ stdout: string }> {
  const { code, stderr, stdout } = await lightsOut(args);

  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(existsSync(join(out, 'run.json'))).toBe(false);
  return { stdout };
}
