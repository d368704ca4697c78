import type { SystemConfigInput } from '../../functions/contract/config.ts';
import type { Audience } from '../../functions/contract/webhook-config.ts';
import { systems } from '../../systems.ts';

const [EXAMPLE] = systems;
if (EXAMPLE === undefined) throw new Error('systems.ts holds no example');
const example: SystemConfigInput = EXAMPLE;

const arn = (service: string, resource: string): string =>
  `arn:aws-cn:${service}:cn-north-1:123456789012:${resource}`;

/** A webhook of a system in China. */
export function room(name: string, ...audiences: Audience[]) {
  return { name, secretArn: arn('secretsmanager', `secret:${name}-webhook-a1b2c3`), audiences };
}

type Webhooks = NonNullable<SystemConfigInput['notices']['webhooks']>;

/** The example in Beijing, where SES is not, with these webhooks. */
export function chinaSystem(webhooks: Webhooks, changes: Partial<SystemConfigInput> = {}): SystemConfigInput {
  // The example's key is of another partition.
  const { kmsKeyArn: _key, ...database } = example.database;
  return {
    ...example,
    environment: { account: '123456789012', region: 'cn-north-1' },
    database: {
      ...database,
      credentialsSecretArn: arn('secretsmanager', 'secret:crm-db-lights-out-a1b2c3'),
    },
    notices: { ...example.notices, languages: ['zh-CN'], webhooks },
    ...changes,
  };
}
