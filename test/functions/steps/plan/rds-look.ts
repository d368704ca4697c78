import { KMSClient } from '@aws-sdk/client-kms';
import {
  DescribeAccountAttributesCommand,
  DescribeBlueGreenDeploymentsCommand,
  DescribeOrderableDBInstanceOptionsCommand,
  DescribePendingMaintenanceActionsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach } from 'vitest';
import { allowNothing } from '../../fixtures.ts';

export const rds = mockClient(RDSClient);
export const kms = mockClient(KMSClient);

/** Quotas of the account. */
export const quotas = (...AccountQuotas: { AccountQuotaName: string; Used: number; Max: number }[]): void => {
  rds.on(DescribeAccountAttributesCommand).resolves({ AccountQuotas });
};

/** Before each test of a file: RDS says nothing against a database, whatever it is; the database itself is for the file to describe. */
export function nothingAgainst(): void {
  allowNothing(rds, kms);
  beforeEach(() => {
    rds.on(DescribePendingMaintenanceActionsCommand).resolves({});
    rds.on(DescribeOrderableDBInstanceOptionsCommand).resolves({ OrderableDBInstanceOptions: [{}] });
    rds.on(DescribeBlueGreenDeploymentsCommand).resolves({});
    quotas();
  });
}
