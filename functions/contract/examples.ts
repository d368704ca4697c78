const KEY = '"arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"';

/** An example of each field whose schema says only its type or its bounds. The key is the end of the field's path. */
const EXAMPLES: Record<string, string> = {
  // systems.ts
  name: '"crm"',
  displayName: '"Sunrise CRM"',
  timeZone: '"Asia/Shanghai"',
  account: '"123456789012"',
  region: '"eu-central-1"',
  environment: '{ account: "123456789012", region: "eu-central-1" }',
  network: '{ vpcId: "vpc-…", subnetIds: ["subnet-…"], securityGroupId: "sg-…" }',
  vpcId: '"vpc-0123456789abcdef0"',
  subnetIds: '["subnet-0123456789abcdef0"]',
  securityGroupId: '"sg-0123456789abcdef0"',
  database: '{ identifier: "crm-db", engine: "postgres", credentialsSecretArn: "arn:aws:secretsmanager:…" }',
  identifier: '"crm-db"',
  port: '5432',
  databases: '["crm"]',
  comparisonBatchMib: '8192',
  credentialsSecretArn: '"arn:aws:secretsmanager:eu-central-1:123456789012:secret:crm-db-a1b2c3"',
  kmsKeyArn: KEY,
  credentialsKeyArn: KEY,
  keyArn: KEY,
  iamUser: '"lights_out"',
  testInstance: '{ instanceClass: "db.t4g.large" }',
  instanceClass: '"db.t4g.large"',
  subnetGroup: '"private-databases"',
  servers: '[{ name: "web-1", instanceId: "i-0123456789abcdef0", platform: "linux" }]',
  server: '"web-1"',
  instanceId: '"i-0123456789abcdef0"',
  services: '[{ name: "nginx", server: "web-1" }]',
  tier: '1',
  timeoutSeconds: '120',
  maintenance: '{ servers: ["web-1"], flagFile: "/var/lib/crm/maintenance.flag" }',
  'maintenance.servers': '["web-1"]',
  flagFile: '"/var/lib/crm/maintenance.flag"',
  drain: '{ policy: "abort", timeoutMinutes: 15 }',
  timeoutMinutes: '15',
  ignoreUsers: '["crm_service"]',
  ignoreApplications: '["monitoring"]',
  sessionQuery: '"select count(*) from sessions"',
  files: '{ backup: "snapshot" }',
  excludeVolumes: '["vol-0123456789abcdef0"]',
  checkServer: '"web-1"',
  checkTimeoutMinutes: '60',
  kmsKeyArns: `[${KEY}]`,
  approval:
    '{ approvers: [{ address: "head@example.com" }], principals: ["arn:aws:iam::123456789012:role/HeadOfOperations"] }',
  approvers: '[{ address: "head@example.com" }]',
  principals: '["arn:aws:iam::123456789012:role/HeadOfOperations"]',
  pinnedSessionRoles: '["arn:aws:iam::123456789012:role/HeadOfOperations"]',
  retention: '"keep-all" or { snapshots: 12, days: 30 }',
  snapshots: '12',
  days: '30',
  notices:
    '{ from: "crm@example.com", users: [{ address: "all@example.com" }], operators: [{ address: "ops@example.com" }] }',
  from: '"crm-operations@example.com"',
  users: '[{ address: "all-sales@example.com" }]',
  operators: '[{ address: "crm-operations@example.com" }]',
  address: '"ops@example.com"',
  leadMinutes: '[30, 10]',
  languages: '["zh-CN", "en"]',
  webhooks:
    '[{ name: "crm-room", secretArn: "arn:aws:secretsmanager:…", audiences: ["users", "operators"] }]',
  secretArn: '"arn:aws:secretsmanager:eu-central-1:123456789012:secret:crm-room-a1b2c3"',
  audiences: '["users", "operators"]',
  schedule: '{ shutdown: "cron(0 22 ? * FRI *)" }',
  shutdown: '"cron(0 22 ? * FRI *)"',
  systems: '[{ name: "crm", … }]',
  // A run's input
  system: '"crm"',
  at: '"2026-11-27T22:00:00+08:00"',
  reason: '"Weekend shutdown"',
  requestedBy: '"somebody@example.com"',
  Comment: '"by hand"',
  // The API and --after
  comment: '"go ahead"',
  release: '"Monday"',
  hours: '2',
  start: '"database"',
  run: '{"dryRun":true}',
};

/** An example of the field at that path. For an entry of a list, an example of one entry. */
export function exampleOf(path: readonly PropertyKey[]): string | undefined {
  const names = path.filter((part) => typeof part !== 'number').map(String);
  const last = names.at(-1);
  if (last === undefined) return undefined;
  const example = EXAMPLES[names.slice(-2).join('.')] ?? EXAMPLES[last];
  const isEntry = typeof path.at(-1) === 'number';
  return isEntry && example?.startsWith('[') === true ? example.slice(1, -1).split(', ')[0] : example;
}
