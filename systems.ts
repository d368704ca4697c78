import type { SystemConfigInput } from './functions/contract/config.ts';

/**
 * The systems that Lights Out shuts down: a stack each. Replace the example by your own; every id below is made up. A mistake stops
 * `cdk synth` with the field's path and what is expected. docs/configuration.md describes every field.
 */
export const systems: SystemConfigInput[] = [
  {
    // Part of every resource's name. Short, lower case.
    name: 'crm',
    // What people call it in the notices.
    displayName: 'Sunrise CRM',
    // Of the schedule and of the times in the notices.
    timeZone: 'Asia/Shanghai',
    // The AWS account and Region. Left out: those of the credentials `cdk deploy` runs with.
    // environment: { account: '123456789012', region: 'cn-north-1' },

    // Where the functions that talk to the database run. The database must let the security group in; the subnets need a
    // way to S3, Secrets Manager and Systems Manager (VPC endpoints or NAT).
    network: {
      vpcId: 'vpc-0a1b2c3d4e5f60718',
      subnetIds: ['subnet-0a1b2c3d4e5f60718', 'subnet-0b1c2d3e4f5061728'],
      securityGroupId: 'sg-0a1b2c3d4e5f60718',
    },

    database: {
      // An RDS DB instance. An Aurora cluster is `kind: 'cluster'`, with the cluster's identifier.
      kind: 'instance',
      identifier: 'crm-db',
      engine: 'postgres',
      // Which of its databases must be proved. Left out: all of them.
      databases: ['crm'],
      // A database user that may read everything: see docs/deploy.md for the GRANT statements.
      credentialsSecretArn:
        'arn:aws:secretsmanager:eu-central-1:123456789012:secret:crm-db-lights-out-a1b2c3',
      // The customer managed KMS key that its storage is encrypted with. Left out: it is the AWS managed key, or there is none.
      kmsKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809',
      // The instance the backup is restored to. Left out: of the source's class, in the source's subnet group.
      testInstance: { instanceClass: 'db.t4g.large' },
    },

    // The EC2 instances, each with the SSM agent.
    servers: [
      { name: 'web-1', instanceId: 'i-0a1b2c3d4e5f60718', platform: 'linux' },
      { name: 'app-1', instanceId: 'i-0b1c2d3e4f5061728', platform: 'linux' },
      { name: 'worker-1', instanceId: 'i-0c1d2e3f405162738', platform: 'linux' },
    ],

    // What runs on them. Tier 1 stops first (what brings work in), the highest last (what others need); starts are in reverse.
    services: [
      { name: 'crm-mail-intake', server: 'worker-1', tier: 1 },
      { name: 'crm-scheduler', server: 'worker-1', tier: 1 },
      { name: 'crm-worker', server: 'worker-1', tier: 2, timeoutSeconds: 180 },
      { name: 'crm-api', server: 'app-1', tier: 3 },
      { name: 'nginx', server: 'web-1', tier: 3 },
    ],

    // While this file exists, the web server shows the maintenance page.
    maintenance: { servers: ['web-1'], flagFile: '/var/lib/crm/maintenance.flag' },

    // When the system is brought back, users are let in once all of these are green. Beside `http` there are `tcp`, `sql` and `script`.
    startup: {
      health: [
        {
          name: 'sign-in page',
          // A port of its own leads past the maintenance page, and the text is one that the maintenance page does not have.
          http: { url: 'https://web-1.crm.internal:8443/health', text: 'CRM ready' },
        },
      ],
    },

    drain: {
      // What happens when users stay: 'abort' rolls back, 'proceed' goes on without them.
      policy: 'abort',
      timeoutMinutes: 15,
      // Not people: connections of the services and of monitoring.
      ignoreUsers: ['crm_service', 'rdsadmin'],
    },

    // Pending system updates: 'report' them in the plan, 'require' that there are none, or 'install' them first.
    updates: 'report',

    // 'full' restores the snapshot and compares every table. 'none' is for an emergency, and on record. A single run may be told 'none' only where
    // `allowUnverified: true` stands here.
    verification: 'full',
    // allowUnverified: true,

    // An emergency (`{"emergency":true,"reason":"…"}`): users are told at once and not waited for. `verification: 'none'` would also allow it without a proved backup.
    // emergency: { verification: 'full' },

    // When something writes to the database after its backup: 'roll-back' at once, or 'compare-again'.
    // lateWrites: 'compare-again',

    // When somebody starts the database or a server of a system that is off: 'notify' the operators, or 'stop' it again as well.
    // drift: 'stop',

    // Which verified snapshots are kept: the newest 12, and all of the last 90 days; or 'keep-all'.
    // retention: { snapshots: 12, days: 90 },

    // Your company's tags, on everything that a run makes. `copyTags: true` adds the tags of what it was made of.
    // tags: { 'cost-center': '4711' },
    // copyTags: true,

    // The CRM's files, on the EBS volumes of the servers: 'snapshot' takes snapshots, 'verify' also restores the data volumes and compares
    // their lists of files, 'none' is on record. `contents: true` compares what the files contain too, which reads every volume whole.
    files: { backup: 'verify' },

    // A second person's yes before anything begins.
    // approval: {
    //   approvers: [{ address: 'head-of-operations@example.com', language: 'en' }],
    //   principals: ['arn:aws:iam::123456789012:role/HeadOfOperations'],
    //   // Roles whose trust policy pins `sts:RoleSessionName`, so that two sessions are two people: docs/deploy.md, "A second person".
    //   pinnedSessionRoles: ['arn:aws:iam::123456789012:role/HeadOfOperations'],
    //   timeoutMinutes: 60,
    // },

    notices: {
      // A verified SES identity.
      from: 'crm-operations@example.com',
      // Everyone who uses the CRM. Without a language a mail holds all of `languages`.
      users: [
        { address: 'all-sales@example.com' },
        { address: 'service-desk@example.com', language: 'zh-CN' },
        { address: 'partners@example.com', language: 'en' },
      ],
      // Who hears how it ended.
      operators: [{ address: 'crm-operations@example.com' }],
      // Minutes before the shutdown: the first notice, then reminders.
      leadMinutes: [30, 10],
      languages: ['en', 'zh-CN'],
      // Rooms that are told by a signed HTTPS request, beside mail or where SES is not: see docs/channels.md.
      // webhooks: [
      //   {
      //     name: 'crm-room',
      //     secretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:crm-room-a1b2c3',
      //     audiences: ['users', 'operators'],
      //   },
      // ],
    },

    // Users are out every Friday at 22:00 and back every Monday at 06:00, in the time zone above. A list holds several pairs.
    schedule: {
      shutdown: 'cron(0 22 ? * FRI *)',
      startup: 'cron(0 6 ? * MON *)',
      reason: 'Weekend shutdown',
    },

    // Days on which no schedule shuts the system down.
    // exceptions: [{ from: '2026-12-24', to: '2027-01-03', reason: 'Year-end closing' }],
  },
];
