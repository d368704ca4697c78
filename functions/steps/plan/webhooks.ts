import { connect } from 'node:tls';
import { ErrorName, LightsOutError, messageOf } from '../../contract/errors.ts';
import type { Reason } from '../../contract/plan-state.ts';
import type { Webhook } from '../../contract/webhook-config.ts';
import { connectionProblem } from '../../notices/channels/webhook.ts';
import { readWebhookAddress } from '../../notices/channels/webhook-secret.ts';
import { isAwsError } from '../../runtime/aws-errors.ts';
import type { Findings } from './findings.ts';

/** How long a receiver may take to take a connection, in milliseconds. */
const TIMEOUT_MILLISECONDS = 5_000;

/**
 * Checks that each webhook's secret can be read and that its host answers with a certificate for its name. No message is sent. Nobody may
 * hear of a shutdown before its plan is accepted, and a receiver that knows no test message would show it to people.
 */
export async function lookAtWebhooks(webhooks: Webhook[]): Promise<Findings> {
  const reasons = await Promise.all(webhooks.map(look));
  return { pendingUpdates: [], reasons: reasons.flat(), warnings: [] };
}

async function look(webhook: Webhook): Promise<Reason[]> {
  const resource = `webhook ${webhook.name}`;
  let url: URL;
  try {
    ({ url } = await readWebhookAddress(webhook));
  } catch (error) {
    const isWrong = error instanceof LightsOutError && error.name === ErrorName.ChannelRefused;
    if (isWrong)
      return [
        {
          resource,
          problem: error.message.replace(`${resource}: `, '').replace(/; correct the secret, .*$/, ''),
          remedy: 'correct the secret, as docs/channels.md says',
        },
      ];
    if (!isAwsError(error, ...UNREADABLE)) throw error;
    return [
      {
        resource,
        problem: `its secret ${webhook.secretArn} cannot be read (${error instanceof Error ? error.name : messageOf(error)})`,
        remedy:
          'create the secret, correct secretArn and, if a customer managed key encrypts it, keyArn in notices.webhooks, and deploy',
      },
    ];
  }
  try {
    await handshake(url);
    return [];
  } catch (error) {
    return [
      {
        resource,
        problem: `its host cannot be reached by TLS (${connectionProblem(error)})`,
        remedy:
          'check the address in its secret, the receiver and its certificate; functions that tell run outside the VPC, so it must be reachable from the internet',
      },
    ];
  }
}

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html#API_GetSecretValue_Errors */
const UNREADABLE = [
  'ResourceNotFoundException',
  'InvalidRequestException',
  'DecryptionFailure',
  'AccessDeniedException',
];

/** Connects, checks the certificate against the host's name, and says nothing. */
async function handshake(url: URL): Promise<void> {
  const { hostname } = url;
  const port = url.port === '' ? 443 : Number(url.port);
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host: hostname, port, servername: hostname });
    const timer = setTimeout(
      () => socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
      TIMEOUT_MILLISECONDS,
    );
    const end = (): void => clearTimeout(timer);
    socket.once('secureConnect', () => {
      end();
      socket.end();
      resolve();
    });
    socket.once('error', (error) => {
      end();
      reject(error);
    });
    socket.once('close', () => {
      end();
      reject(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }));
    });
  });
}
