import { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { SystemConfig } from '../../functions/contract/config.ts';
import { SystemStack } from '../../lib/system-stack.ts';
import { systems } from '../../systems.ts';
import { synthesiseSystem } from '../support/synthesis.ts';

interface Statement {
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

const [example] = systems;
if (example === undefined) throw new Error('systems.ts holds no example');
const { of } = synthesiseSystem({ database: { ...example.database, kind: 'cluster' } });
const list = <Value>(value: Value | Value[]): Value[] => (Array.isArray(value) ? value : [value]);
const statements = of('AWS::IAM::Policy').flatMap(
  (policy) => (policy['PolicyDocument'] as { Statement: Statement[] }).Statement,
);
/** Resources of the statements that allow an action: their last parts, `cluster:crm-db`. */
const resourcesOf = (action: string): string[] =>
  statements
    .filter((statement) => list(statement.Action).includes(action))
    .flatMap((statement) => list(statement.Resource))
    .map((resource) => /[^:]*:[^:"]*$/.exec(JSON.stringify(resource).replace(/"\]\]\}$/, ''))?.[0] ?? '');

describe('the stack of a system with a DB cluster', () => {
  it('acts on exactly that cluster, its own snapshots and its own copies', () => {
    // By the step that stops it, and by what keeps it stopped.
    expect(resourcesOf('rds:StopDBCluster')).toEqual(['cluster:crm-db', 'cluster:crm-db']);
    expect(resourcesOf('rds:CreateDBClusterSnapshot')).toEqual([
      'cluster:crm-db',
      'cluster-snapshot:lights-out-crm-*',
    ]);
    expect(resourcesOf('rds:RestoreDBClusterFromSnapshot')).toEqual([
      'cluster:lights-out-crm-*',
      'cluster-snapshot:lights-out-crm-*',
      'subgrp:*',
      'cluster-pg:*',
      'og:*',
    ]);
    expect(resourcesOf('rds:CreateDBInstance')).toEqual([
      'db:lights-out-crm-*',
      'cluster:lights-out-crm-*',
      'subgrp:*',
      'pg:*',
      'og:*',
    ]);
    expect(resourcesOf('rds:AddTagsToResource').sort()).toEqual([
      // By the step that makes it, and by the closing that marks it.
      'cluster-snapshot:lights-out-crm-*',
      'cluster-snapshot:lights-out-crm-*',
      'cluster:lights-out-crm-*',
      'db:lights-out-crm-*',
    ]);
  });

  it('deletes nothing but copies and own snapshots, by name and tag', () => {
    // Copies by the step and by the sweeper, snapshots by the retention.
    expect(new Set(resourcesOf('rds:DeleteDBInstance'))).toEqual(new Set(['db:lights-out-crm-*']));
    // AWS's table requires the final snapshot too; none is made, so none has a tag.
    expect(new Set(resourcesOf('rds:DeleteDBCluster'))).toEqual(
      new Set(['cluster:lights-out-crm-*', 'cluster-snapshot:lights-out-crm-*']),
    );
    expect(resourcesOf('rds:DeleteDBClusterSnapshot')).toEqual(['cluster-snapshot:lights-out-crm-*']);
    const deleting = statements.filter(
      (statement) =>
        list(statement.Action).some((action) => action.startsWith('rds:Delete')) &&
        !(
          list(statement.Action).includes('rds:DeleteDBCluster') &&
          JSON.stringify(statement.Resource).includes(':cluster-snapshot:')
        ),
    );
    expect(deleting).toHaveLength(5);
    for (const { Action, Condition } of deleting)
      expect(Condition).toEqual({
        StringEquals: {
          'aws:ResourceTag/lights-out:system': 'crm',
          ...(list(Action).includes('rds:DeleteDBClusterSnapshot')
            ? { 'aws:ResourceTag/lights-out:verified': 'yes', 'aws:ResourceTag/lights-out:superseded': 'yes' }
            : {}),
        },
      });
  });

  it('may do nothing that only a DB instance needs', () => {
    const actions = statements.flatMap((statement) => list(statement.Action));
    for (const action of [
      'rds:StopDBInstance',
      'rds:CreateDBSnapshot',
      'rds:RestoreDBInstanceFromDBSnapshot',
    ]) {
      expect(actions).not.toContain(action);
    }
  });

  it('leaves cdk-nag nothing to say', () => {
    const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
    const system = SystemConfig.parse({ ...example, database: { ...example.database, kind: 'cluster' } });
    const stack = new SystemStack(app, 'LightsOut-crm', { system });

    expect(new AwsSolutionsChecks(app).validateScope(stack).violations).toEqual([]);
  });
});
