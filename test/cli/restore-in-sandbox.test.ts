import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { restoreCommand } from '../../cli/restore.ts';
import { OPERATOR_KEY } from '../../sandbox/rehearsal/machinery.ts';
import { standing } from '../sandbox/sweep/standing.ts';

const stage = standing();
const { out } = stage;

it('restores the snapshot of a shutdown beside the stopped source, as the sandbox’s RDS takes it', async () => {
  const found = await stage.world.run(
    { out: join(out, 'run'), faults: [], input: {} },
    async (rehearsal, sandbox) => {
      vi.stubEnv('AWS_ENDPOINT_URL', sandbox.url);
      vi.stubEnv('AWS_REGION', 'eu-central-1');
      vi.stubEnv('AWS_ACCESS_KEY_ID', OPERATOR_KEY);
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'sandbox');
      vi.spyOn(process.stdout, 'write').mockReturnValue(true);
      const code = await restoreCommand(['--system', 'crm', '--no-wait']).finally(() => vi.unstubAllEnvs());
      const { instances } = sandbox.databases;
      const restored = [...instances.values()].find(({ identifier }) => identifier.includes('-restored-'));
      const source = instances.get('crm-db');
      return { code, run: rehearsal.record.runId, restored, source: source?.status };
    },
  );

  expect(found).toMatchObject({ code: 0, source: 'stopped' });
  expect(found.restored?.identifier).toBe(`crm-db-restored-${found.run}`);
});
