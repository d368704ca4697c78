import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HealthCheck } from '../../../functions/contract/health-config.ts';
import { fingerprint } from '../../../functions/contract/server-data.ts';
import type { HealthFaults } from '../web/health-faults.ts';
import type { ScriptAnswer, ServiceManager } from './supervisor.ts';

interface Hosted {
  name: string;
  supervisor: ServiceManager;
}

/** Folder of what the program of a check goes by, from the server's root. */
const folderOf = (root: string, check: string): string => join(root, '.health', check);

const STRIKES = 'strikes';

/** The programs of health checks that stand on the servers. */
export class HealthPrograms {
  readonly #checks: readonly HealthCheck[];
  /** Set once the world's faults are known. Until then none strikes. */
  faults: HealthFaults | undefined;

  constructor(checks: readonly HealthCheck[]) {
    this.#checks = checks.filter(({ script }) => script !== undefined);
  }

  /** Puts the programs of a server into its file system. */
  install({ name, supervisor }: Hosted): void {
    const text = readFileSync(new URL('./health-program.sh', import.meta.url), 'utf8');
    for (const check of this.#on(name)) {
      const folder = folderOf(supervisor.root, fingerprint(check.name));
      mkdirSync(folder, { recursive: true });
      const units = Object.keys(supervisor.states());
      writeFileSync(join(folder, 'units'), units.map((unit) => `${unit}\n`).join(''));
      const file = join(supervisor.root, check.script?.path ?? '');
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text.replaceAll('@HEALTH@', folder), { mode: 0o755 });
    }
  }

  /** Absolute paths that a document's script holds: in the sandbox they lead below the server's own folder. */
  pathsOn({ name }: Pick<Hosted, 'name'>): string[] {
    return this.#on(name).flatMap(({ script }) => script?.path ?? []);
  }

  /** A document is about to run the program of the check with that fingerprint: a fault may strike it. */
  beforeRun({ name, supervisor }: Hosted, print: string): void {
    const check = this.#on(name).find((each) => fingerprint(each.name) === print);
    if (check === undefined) return;
    const green = Object.values(supervisor.states()).every((state) => state === 'active');
    const struck = this.faults?.strike(check, green);
    const file = join(folderOf(supervisor.root, print), STRIKES);
    if (struck === undefined) rmSync(file, { force: true });
    else writeFileSync(file, `${struck}\n`);
  }

  #on(server: string): HealthCheck[] {
    return this.#checks.filter(({ script }) => script?.server === server);
  }
}

/** Answers as `lib/documents/health.sh` does, for a server without processes and shells. */
export function answerForHealth(root: string, states: Record<string, string>, check: string): ScriptAnswer {
  const folder = folderOf(root, check);
  if (!existsSync(folder))
    return { code: 3, output: '', errors: `check ${check} is none of this system: nothing was done\n` };
  const file = join(folder, STRIKES);
  const struck = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  const active = Object.values(states).every((state) => state === 'active');
  const code = struck === 'hangs' ? 'late' : struck === undefined && active ? '0' : '1';
  return { code: 0, output: `lights-out health=${code}\n`, errors: '' };
}
