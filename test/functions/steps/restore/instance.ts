import { awsError, IDENTIFIER, tagsOf } from '../../fixtures.ts';
import { GROUP } from './copy.ts';

/** The copy of an instance as RDS describes it: this run's, and isolated. */
export const instance = (DBInstanceStatus: string, more: object = {}) => ({
  DBInstances: [
    {
      DBInstanceIdentifier: IDENTIFIER,
      DBInstanceArn: 'arn:copy',
      DbiResourceId: 'db-COPY',
      DBInstanceStatus,
      TagList: tagsOf(),
      PubliclyAccessible: false,
      VpcSecurityGroups: [{ VpcSecurityGroupId: GROUP }],
      Endpoint: { Address: 'copy.example', Port: 5432 },
      ...more,
    },
  ],
});

export const gone = awsError('DBInstanceNotFoundFault', 404);
