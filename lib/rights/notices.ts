import { Token } from 'aws-cdk-lib';
import { isOffered } from '../../functions/contract/regions.ts';
import type { Audience } from '../../functions/contract/webhook-config.ts';
import type { ResourceNames } from '../resource-names.ts';
import { secretsUnder } from './keys.ts';
import { allow, anyResource, DESCRIBE_ONLY, type Permission } from './permission.ts';

/** Permissions for the channels of a system's notices. A channel that is not configured needs none. */
export interface NoticePermissions {
  /** Tell these audiences. */
  tell(...audiences: Audience[]): Permission[];
  /** Read how fast SES takes mails. */
  pace: Permission[];
  /** Check that everybody can be told. */
  look: Permission[];
}

export function noticePermissions(names: ResourceNames): NoticePermissions {
  const { from, webhooks } = names.system.notices;
  const { region } = names.stack;
  const isMail = from !== undefined && (Token.isUnresolved(region) || isOffered('ses', region));
  const whereMail = (permission: () => Permission): Permission[] => (isMail ? [permission()] : []);
  const secrets = (serves: (audiences: Audience[]) => boolean): Permission[] => {
    const used = webhooks.filter(({ audiences }) => serves(audiences));
    const keys = [...new Set(used.flatMap(({ keyArn }) => (keyArn === undefined ? [] : [keyArn])))];
    return [
      ...(used.length === 0
        ? []
        : [allow(['secretsmanager:GetSecretValue'], [...new Set(used.map(({ secretArn }) => secretArn))])]),
      ...secretsUnder(names, keys),
    ];
  };
  return {
    tell: (...wanted) => [
      ...whereMail(() => allow(['ses:SendRawEmail'], names.senderArns())),
      ...secrets((audiences) => audiences.some((audience) => wanted.includes(audience))),
    ],
    pace: whereMail(() => anyResource(['ses:GetSendQuota'], DESCRIBE_ONLY)),
    look: [
      ...whereMail(() =>
        anyResource(['ses:GetSendQuota', 'ses:GetIdentityVerificationAttributes'], DESCRIBE_ONLY),
      ),
      ...secrets(() => true),
    ],
  };
}
