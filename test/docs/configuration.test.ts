import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { SystemConfig } from '../../functions/contract/config.ts';
import { systems } from '../../systems.ts';
import {
  CONFIGURATION_PAGE,
  configurationFields,
  configurationPage,
  type Field,
} from '../support/configuration-page.ts';

const fields = configurationFields();
const leaves = fields.filter(({ isGroup }) => !isGroup);

/** Fields that exclude each other: with one of them goes what makes room for it. */
const INSTEAD: Record<string, object> = {
  'database.iamUser': { credentialsSecretArn: undefined },
  // The example leaves the certificate itself out.
  'startup.health[].http.ca': { ca: rootCertificates[0] },
};

/** What a group needs beside the field that is tried. */
const BESIDE: Record<string, object> = {
  environment: { account: '123456789012', region: 'eu-central-1' },
  approval: {
    approvers: [{ address: 'a@example.com' }],
    principals: ['arn:aws:iam::123456789012:role/HeadOfOperations'],
  },
  'approval.approvers': { address: 'a@example.com' },
  'startup.health.tcp': { host: 'app-1.crm.internal', port: 6379 },
  'startup.health.sql': { database: 'crm', statement: 'SELECT 1' },
  'startup.health.script': { server: 'app-1', path: '/opt/crm/bin/healthy' },
  retention: { snapshots: 12, days: 90 },
  exceptions: { from: '2026-12-24', reason: 'Year-end closing' },
  'notices.webhooks': {
    name: 'crm-room',
    secretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:crm-room-a1b2c3',
    audiences: ['users'],
  },
};

/** The example of `systems.ts`, with the field's example at its place, in the first entry of a list. */
function withExample({ path, example }: Field): unknown {
  const system = structuredClone(systems[0]) as unknown as Record<string, unknown>;
  const names = path.split('.');
  let at: Record<string, unknown> = system;
  names.forEach((part, index) => {
    const name = part.replace('[]', '');
    if (index === names.length - 1) {
      at[name] = JSON.parse(JSON.stringify(runInNewContext(`(${example})`)));
      return;
    }
    const beside =
      BESIDE[
        names
          .slice(0, index + 1)
          .join('.')
          .replaceAll('[]', '')
      ];
    if (part.endsWith('[]')) {
      at[name] ??= [beside];
      const [first, ...others] = at[name] as Record<string, unknown>[];
      const own = { ...beside, ...first };
      at[name] = [own, ...others];
      at = own;
    } else {
      at[name] = { ...beside, ...(at[name] as object | undefined) };
      at = at[name] as Record<string, unknown>;
    }
  });
  Object.assign(at, INSTEAD[path] ?? {});
  // A health check is of one kind.
  const [, kind] = /^startup\.health\[\]\.(tcp|sql|script)\./.exec(path) ?? [];
  if (kind !== undefined) system['startup'] = { health: [{ name: 'queue', [kind]: at }] };
  return system;
}

describe('the configuration reference', () => {
  it('is made from the schema: `npm run golden` when the schema has changed', () => {
    expect(readFileSync(CONFIGURATION_PAGE, 'utf8')).toBe(configurationPage());
  });

  it('says of every field what it means', () => {
    expect(fields.length).toBeGreaterThan(60);
    expect(fields.filter(({ meaning }) => meaning === '').map(({ path }) => path)).toEqual([]);
  });

  it.each(leaves.map((field) => [field.path, field] as const))(
    '%s has an example that is taken',
    (_path, field) => {
      expect(field.example).toBeDefined();
      const { error } = SystemConfig.safeParse(withExample(field));
      const problems = (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
      expect(problems).toEqual([]);
    },
  );
});

describe('a default of the reference', () => {
  const given = fields.flatMap((field) =>
    field.standard === undefined ? [] : [{ ...field, example: field.standard }],
  );

  it.each(given.map((field) => [field.path, field] as const))('of %s is taken', (_path, field) => {
    expect(SystemConfig.safeParse(withExample(field)).error?.issues ?? []).toEqual([]);
  });
});

describe('the example in systems.ts', () => {
  const text = readFileSync(fileURLToPath(new URL('../../systems.ts', import.meta.url)), 'utf8');

  it.each(fields.map(({ path }) => path).filter((path) => !path.includes('.')))('shows %s', (name) => {
    expect(text).toMatch(new RegExp(`^ {4}(// )?${name}: `, 'm'));
  });
});
