import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(ROOT, 'node_modules', '.cache', 'lights-out-templates');

/** What a template is made from: when none of it changed, neither did the template. */
const SOURCES = ['lib', 'functions', 'engines', 'test/support/synthesis.ts', 'package-lock.json'];

/** Every judge is a process of its own and looks at every shape: each template is made once for all of them. */
let folder: string | undefined;

/** The template that was made of the same input by the same sources; otherwise what `make` makes, which is kept. */
export function cachedTemplate<Template>(input: unknown, make: () => Template): Template {
  folder ??= join(CACHE, digestOfSources());
  const file = join(folder, `${digestOf(JSON.stringify(input))}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Template;
  const template = make();
  removeOlder(folder);
  mkdirSync(folder, { recursive: true });
  // Two processes may make the same: either is kept, they are equal.
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify(template));
  renameSync(own, file);
  return template;
}

function digestOfSources(): string {
  const hash = createHash('sha256').update(process.version);
  for (const source of SOURCES) {
    const path = join(ROOT, source);
    const files = source.includes('.')
      ? [path]
      : readdirSync(path, { recursive: true, withFileTypes: true })
          .flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []))
          .sort();
    for (const file of files) hash.update(`${file.slice(ROOT.length)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 24);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

/** Templates of sources as they were before are of no more use. */
function removeOlder(current: string): void {
  if (existsSync(current) || !existsSync(CACHE)) return;
  for (const name of readdirSync(CACHE)) rmSync(join(CACHE, name), { recursive: true, force: true });
}
