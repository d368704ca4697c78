import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stack } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { buildSync } from 'esbuild';
import type { SystemConfig } from '../functions/contract/config.ts';
import type { FunctionName } from '../functions/contract/functions.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FUNCTIONS = join(ROOT, 'functions');

const WITHOUT_AZURE = join(ROOT, 'engines', 'sqlserver', 'without-azure.ts');

/**
 * Imports of SQL Server's driver for Microsoft Entra ID, which RDS does not have. They would add 0.5 MB to each function that reads a
 * database.
 */
export const ALIASES = {
  '@azure/identity': WITHOUT_AZURE,
  '@azure/keyvault-keys': WITHOUT_AZURE,
};

/** The folder of the bundles by esbuild's view, so that source maps name the same paths on every machine. Nothing is written there. */
const OUTPUT = join(ROOT, 'bundles');

/** File of the configuration, beside the code of a function that reads it. */
export const CONFIGURATION_FILE = 'configuration.json';

/**
 * A folder that several synths of one source share. If it exists, its bundles are used, else they are made and left there. The sandbox sets
 * it and names it by the sources. Default: a folder of this process alone.
 */
const BUNDLES_VARIABLE = 'LIGHTS_OUT_BUNDLES';

let bundles: string | undefined;
let ownFolder: string | undefined;

/**
 * The bundled code of one function: one ES module. It holds the SDK clients in the versions of the lock file, since the runtime's own
 * clients may lack a parameter.
 *
 * One call bundles all functions. CDK's `NodejsFunction` starts a program for each, which took most of a synth.
 *
 * @param configuration is put beside the code. It may have any size and always has the code's version.
 */
export function bundleOf(scope: Construct, name: FunctionName, configuration?: SystemConfig): Code {
  // `cdk ls` and tests of the template need no code:
  // https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.Stack.html#bundlingrequired
  if (!Stack.of(scope).bundlingRequired) return Code.fromAsset(folderOf(name));
  bundles ??= bundleAll();
  const shared = join(bundles, name);
  if (configuration === undefined) return Code.fromAsset(shared);
  ownFolder ??= temporaryFolder();
  const own = join(ownFolder, configuration.name, name);
  cpSync(shared, own, { recursive: true });
  writeFileSync(join(own, CONFIGURATION_FILE), `${JSON.stringify(configuration)}\n`);
  return Code.fromAsset(own);
}

/** Each function's folder by name. A function has the name of the folder with its `handler.ts`. */
function handlerFolders(): Map<string, string> {
  const files = readdirSync(FUNCTIONS, { recursive: true, encoding: 'utf8' });
  const folders = files.filter((file) => basename(file) === 'handler.ts').map((file) => dirname(file));
  return new Map(folders.map((folder) => [basename(folder), join(FUNCTIONS, folder)]));
}

/** @throws Error when no folder below `functions/` has that name and a `handler.ts`. */
function folderOf(name: FunctionName): string {
  const folder = handlerFolders().get(name);
  if (folder === undefined)
    throw new Error(
      `function "${name}": expected a folder of that name with a handler.ts below ${FUNCTIONS}`,
    );
  return folder;
}

/** A folder that is removed when the process ends, after CDK has copied its files. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lights-out-bundles-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Bundles all functions.
 * @returns a folder with one folder per function.
 */
function bundleAll(): string {
  const kept = process.env[BUNDLES_VARIABLE];
  if (kept !== undefined && existsSync(kept)) return kept;
  const { outputFiles } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: Object.fromEntries(
      [...handlerFolders()].map(([step, folder]) => [join(step, 'index'), join(folder, 'handler.ts')]),
    ),
    outdir: OUTPUT,
    outExtension: { '.js': '.mjs' },
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    sourcemap: true,
    // A stack trace needs names and lines, not the sources, which were 80 % of each bundle.
    sourcesContent: false,
    charset: 'utf8',
    external: ['pg-native', 'pg-cloudflare'],
    alias: ALIASES,
    // pg and nodemailer are CommonJS. In an ES module they need a `require` of their own.
    banner: {
      js: 'import { createRequire as lightsOutRequire } from "node:module";const require = lightsOutRequire(import.meta.url);',
    },
    logLevel: 'error',
  });
  const folder = kept ?? temporaryFolder();
  for (const { path, contents } of outputFiles) {
    const target = join(folder, relative(OUTPUT, path));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, contents);
  }
  return folder;
}
