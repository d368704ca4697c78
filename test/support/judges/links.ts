import type { ResolvedStack } from '../iam/policies.ts';
import { list, mayRole, mayService, type Sender } from './allowed.ts';
import { resourcesOf } from './stacks.ts';

type Properties = Record<string, unknown>;

/** What holds the ways of a stack together: names and ARNs, and the policies that let one resource call the next. */
export class Links {
  readonly #stack: ResolvedStack;

  constructor(stack: ResolvedStack) {
    this.#stack = stack;
  }

  /** Resources of a type, by id. */
  of(type: string): [string, Properties][] {
    return resourcesOf(this.#stack, type);
  }

  /** Whether a permission of the function lets a service call it for this sender. */
  mayInvoke(functionArn: string, { service, sourceArn }: Sender): boolean {
    return this.of('AWS::Lambda::Permission').some(
      ([, permission]) =>
        [functionArn, functionArn.split(':').pop()].includes(String(permission['FunctionName'])) &&
        permission['Action'] === 'lambda:InvokeFunction' &&
        permission['Principal'] === service &&
        mayService(
          [
            {
              Statement: [
                {
                  Effect: 'Allow',
                  Action: '*',
                  Principal: '*',
                  Condition: { ArnLike: { 'aws:SourceArn': permission['SourceArn'] } },
                },
              ],
            },
          ],
          'lambda:InvokeFunction',
          { service, sourceArn, account: '' },
        ),
    );
  }

  mayRole(roleArn: string, action: string, resource: string): boolean {
    return mayRole(this.#stack.roles.find(({ arn }) => arn === roleArn)?.statements ?? [], action, resource);
  }

  /** The policies of a queue or a topic. */
  documents(type: string, key: string, name: string): unknown[] {
    return this.of(type).flatMap(([, properties]) =>
      list(properties[key]).some((each) => each === name || each.endsWith(`/${name}`))
        ? [properties['PolicyDocument']]
        : [],
    );
  }

  keyPolicies(keyArn: string): unknown[] {
    return this.of('AWS::KMS::Key').flatMap(([id, { KeyPolicy }]) =>
      this.arnOf('kms', `key/${this.nameOf(id)}`) === keyArn ? [KeyPolicy] : [],
    );
  }

  functionId(arn: string): string | undefined {
    return this.of('AWS::Lambda::Function').find(([id]) => this.functionArn(id) === arn)?.[0];
  }

  functionArn(id: string): string {
    return this.arnOf('lambda', `function:${this.nameOf(id)}`);
  }

  queueId(arn: string): string | undefined {
    return this.of('AWS::SQS::Queue').find(([id]) => this.arnOf('sqs', this.nameOf(id)) === arn)?.[0];
  }

  sender(service: string, sourceArn: string): Sender {
    return { service, sourceArn, account: this.#stack.account.account };
  }

  /** As the sandbox's resolver names what has no name of its own. */
  nameOf(id: string): string {
    return `LightsOut-${this.#stack.shape.system.name}-${id}`;
  }

  arnOf(service: string, rest: string): string {
    const { partition, region, account } = this.#stack.account;
    return `arn:${partition}:${service}:${region}:${account}:${rest}`;
  }
}
