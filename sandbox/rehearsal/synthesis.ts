import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BadInputError } from '../bad-input.ts';
import { presenceOf, processMark } from './leftovers/process-mark.ts';
import { makeWorkFolder } from './leftovers/work-folder.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What the assembly is made from: when none of it changed, neither did the assembly. */
const SOURCES = ['bin', 'lib', 'functions', 'engines', 'systems.ts', 'cdk.json', 'package-lock.json'];

/** What the functions' bundles are made from: other systems have the same. */
const BUNDLED = ['functions', 'engines', 'package-lock.json', join('lib', 'function-bundles.ts')];

/** Assemblies and bundles kept for the next rehearsals. */
const CACHE = join(ROOT, 'node_modules', '.cache', 'lights-out');

/**
 * Synthesises the CDK app, or takes the assembly of an earlier rehearsal of the same sources.
 *
 * @param systems - absolute path of a module that exports `systems`. Default: what `LIGHTS_OUT_SYSTEMS` names, else `systems.ts`.
 * @throws BadInputError with the app's own words when `systems.ts` is wrong.
 */
export async function synthesise(systems = process.env['LIGHTS_OUT_SYSTEMS']): Promise<string> {
  const ownSources = SOURCES.map((name) => join(ROOT, name));
  const assembly = join(CACHE, await hashOf([...ownSources, ...(systems === undefined ? [] : [systems])]));
  if (existsSync(join(assembly, 'manifest.json'))) return assembly;
  const fresh = `${assembly}.${processMark()}`;
  const bundles = join(CACHE, `bundles-${await hashOf(BUNDLED.map((name) => join(ROOT, name)))}`);
  const freshBundles = existsSync(bundles) ? undefined : `${bundles}.${processMark()}`;
  await mkdir(CACHE, { recursive: true });
  await removeUnfinished();
  // For the app's own temporary files: when it is killed with this process, they are found and deleted.
  const scratch = await makeWorkFolder();
  try {
    const context = JSON.parse(await readFile(join(ROOT, 'cdk.json'), 'utf8')) as { context: unknown };
    await run(process.execPath, [join(ROOT, 'bin', 'lights-out.ts')], {
      cwd: ROOT,
      env: {
        ...process.env,
        ...(systems === undefined ? {} : { LIGHTS_OUT_SYSTEMS: systems }),
        TMPDIR: scratch,
        CDK_OUTDIR: fresh,
        LIGHTS_OUT_BUNDLES: freshBundles ?? bundles,
        CDK_CONTEXT_JSON: JSON.stringify(context.context),
        // CDK's check of the template takes two thirds of a synth. `cdk synth` and `cdk deploy` make it; here nothing is deployed.
        // The variable: aws-cdk-lib, core/lib/private/synthesis-validation.js, `defaultValidationEnabled`.
        CDK_VALIDATION: 'false',
        PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`,
      },
      maxBuffer: 64 * 1024 * 1024,
    });
    await keep(fresh, assembly, 'manifest.json');
    if (freshBundles !== undefined) await keep(freshBundles, bundles);
    return assembly;
  } catch (error) {
    for (const begun of [fresh, freshBundles ?? fresh]) await rm(begun, { recursive: true, force: true });
    throw synthesisError(error);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What a killed process had begun. */
async function removeUnfinished(): Promise<void> {
  for (const name of await readdir(CACHE)) {
    const [, mark] = /\.([^.]+)$/.exec(name) ?? [];
    if (mark !== undefined && presenceOf(mark) === 'dead')
      await rm(join(CACHE, name), { recursive: true, force: true });
  }
}

/** Two rehearsals may synthesise at once: the first to finish is kept, they are the same. */
async function keep(fresh: string, kept: string, lastFile = ''): Promise<void> {
  try {
    await rename(fresh, kept);
  } catch (error) {
    if (!existsSync(join(kept, lastFile))) throw error;
    await rm(fresh, { recursive: true, force: true });
  }
}

function synthesisError(error: unknown): Error {
  const words = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  const problems = words.split('\n').filter((line) => line.startsWith('systems.ts: '));
  if (problems.length > 0) return new BadInputError(problems.join('\n'));
  const message = error instanceof Error ? error.message : String(error);
  return new Error(`the CDK app could not be synthesised: ${words.trim() === '' ? message : words.trim()}`, {
    cause: error,
  });
}

async function hashOf(sources: string[]): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  for (const source of sources) await hashInto(hash, source);
  return hash.digest('hex').slice(0, 24);
}

async function hashInto(hash: ReturnType<typeof createHash>, path: string): Promise<void> {
  if (!existsSync(path)) throw new BadInputError(`${path}: no such file; expected the systems to rehearse`);
  try {
    for (const entry of (await readdir(path)).sort()) await hashInto(hash, join(path, entry));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOTDIR')) throw error;
    hash.update(path).update(await readFile(path));
  }
}
