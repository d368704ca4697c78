import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inSources } from '../../../../sandbox/play/lambda/source-positions.ts';

const SOURCE = ['// A step.', 'export function handler() {', "  throw new Error('as told');", '}', ''];

describe('places of a stack', () => {
  let folder = '';
  let bundle = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lights-out-positions-'));
    bundle = join(folder, 'index.mjs');
    writeFileSync(join(folder, 'step.ts'), SOURCE.join('\n'));
    buildSync({
      entryPoints: [join(folder, 'step.ts')],
      outfile: bundle,
      bundle: true,
      minify: true,
      format: 'esm',
      sourcemap: true,
    });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** In a process of its own: this one reads source maps by itself. */
  function stackOfHandler(): string[] {
    const program = `import(process.argv[1]).then(({ handler }) => handler()).catch(({ stack }) => console.log(stack))`;
    return execFileSync(process.execPath, ['-e', program, pathToFileURL(bundle).href], {
      encoding: 'utf8',
      env: {},
    })
      .trim()
      .split('\n');
  }

  it('of the bundle are those of its source, others stay', () => {
    const lines = stackOfHandler();

    const found = inSources(lines, bundle);

    expect(lines[1]).toContain('index.mjs:1:');
    expect(found[0]).toBe('Error: as told');
    expect(found[1]).toContain('step.ts:3:9');
    expect(found.slice(2)).toEqual(lines.slice(2));
  });

  it('stay as they are where no source map lies', () => {
    const lines = stackOfHandler();
    rmSync(`${bundle}.map`);

    expect(inSources(lines, bundle)).toBe(lines);
  });
});
