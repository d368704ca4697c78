import { EC2Client } from '@aws-sdk/client-ec2';
import { RDSClient } from '@aws-sdk/client-rds';
import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { simpleParser } from 'mailparser';
import { vi } from 'vitest';
import type { SystemConfigInput } from '../../functions/contract/config.ts';
import { Bucket, deployConfiguration, systemInput, unexpected } from './fixtures.ts';

/** A mail as SES took it, and one of those that it goes to. */
export interface SentMail {
  to: string;
  subject: string;
  text: string;
}

/** AWS around the system `crm` in one test: an evidence bucket, and clients to which every call is unexpected until the test allows it. */
export class AwsWorld {
  readonly bucket = new Bucket();
  readonly rds = mockClient(RDSClient).rejects(unexpected());
  readonly ec2 = mockClient(EC2Client).rejects(unexpected());
  readonly ses = mockClient(SESClient).rejects(unexpected());
  readonly sfn = mockClient(SFNClient).rejects(unexpected());
  readonly ssm = mockClient(SSMClient).rejects(unexpected());

  constructor() {
    vi.stubEnv('SYSTEM_NAME', 'crm');
  }

  /** Stores a configuration, as small as the schema allows but for these changes. */
  configure(changes: Partial<SystemConfigInput> = {}): void {
    this.storeConfiguration(systemInput(changes));
  }

  /** Stores what may be no configuration at all. */
  storeConfiguration(value: unknown): void {
    deployConfiguration(JSON.stringify(value));
  }

  /** Mails in the order in which SES took them. */
  async mails(): Promise<SentMail[]> {
    return Promise.all(
      this.ses.commandCalls(SendRawEmailCommand).map(async (call) => {
        const { RawMessage, Destinations } = call.args[0].input;
        const mail = await simpleParser(Buffer.from(RawMessage?.Data ?? ''));
        return { to: Destinations?.[0] ?? '', subject: mail.subject ?? '', text: mail.text ?? '' };
      }),
    );
  }
}
