import { describe, expect, it } from 'vitest';
import { EvidenceKey } from '../../functions/contract/keys.ts';
import { synthesiseSystem } from '../support/synthesis.ts';

interface Rule {
  Prefix?: string;
  ExpirationInDays?: number;
  NoncurrentVersionExpiration?: { NoncurrentDays: number };
}

/** Step Functions keeps an execution's data so long after its end. */
const KEPT_BY_STEP_FUNCTIONS_DAYS = 90;
/** The longest run, and CleanUp after it. */
const LONGEST_RUN_DAYS = 30 + 1;

const [bucket] = synthesiseSystem({}).of('AWS::S3::Bucket');
const { Rules: rules } = (bucket?.['LifecycleConfiguration'] ?? { Rules: [] }) as { Rules: Rule[] };
const expiring = (key: string): Rule[] =>
  rules.filter(
    ({ Prefix = '', ExpirationInDays, NoncurrentVersionExpiration }) =>
      key.startsWith(Prefix) && (ExpirationInDays ?? NoncurrentVersionExpiration) !== undefined,
  );

describe('what the bucket keeps', () => {
  it('lets what a run carries expire, with every version, once no run can need it', () => {
    const [rule, ...others] = expiring(EvidenceKey.statePart('crm', 'run', '0'.repeat(64)));

    expect(others).toEqual([]);
    expect(rule?.ExpirationInDays).toBeGreaterThan(LONGEST_RUN_DAYS);
    expect(rule?.ExpirationInDays).toBeLessThanOrEqual(KEPT_BY_STEP_FUNCTIONS_DAYS);
    expect(rule?.NoncurrentVersionExpiration?.NoncurrentDays).toBeLessThanOrEqual(1);
  });

  it.each([
    EvidenceKey.certificate('crm', 'run'),
    EvidenceKey.report('crm', 'run'),
    EvidenceKey.plan('crm', 'run'),
    EvidenceKey.sourceManifest('crm', 'run'),
    EvidenceKey.retention('crm', 'run'),
    EvidenceKey.answers('run'),
    EvidenceKey.intent('crm'),
  ])('never lets evidence expire: %s', (key) => {
    expect(expiring(key)).toEqual([]);
  });
});
