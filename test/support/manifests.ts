import type { Engine } from '../../engines/engine.ts';
import type { Manifest } from '../../engines/manifest.ts';
import { type RecordOptions, recordManifest } from '../../engines/recorder.ts';

/** The databases of a manifest under the name `crm`: two of one server can be compared. */
export function asCrm(manifest: Manifest): Manifest {
  return { ...manifest, databases: manifest.databases.map((each) => ({ ...each, name: 'crm' })) };
}

/** Records a database, as {@link asCrm} names it. */
export async function recordAsCrm(
  engine: Engine,
  database: string,
  options: RecordOptions = {},
): Promise<Manifest> {
  const { manifest } = await recordManifest(engine, { databases: [database], ...options });
  return asCrm(manifest);
}
