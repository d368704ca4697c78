import type { SandboxAccount } from './deployment.ts';

/** A resource of a template, as CloudFormation gets it. */
export interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
  Metadata?: Record<string, unknown>;
}

/** Property that holds a resource's own name, for those that the stack names itself. */
const NAME_PROPERTY: Record<string, string> = {
  'AWS::StepFunctions::StateMachine': 'StateMachineName',
  'AWS::SSM::Document': 'Name',
  'AWS::SSM::Parameter': 'Name',
  'AWS::Logs::LogGroup': 'LogGroupName',
};

/** Resolves CloudFormation's intrinsic functions against made-up physical names. */
export class Resolver {
  readonly #resources: Record<string, Resource>;
  readonly #account: SandboxAccount;
  readonly #stackName: string;

  constructor(resources: Record<string, Resource>, account: SandboxAccount, stackName: string) {
    this.#resources = resources;
    this.#account = account;
    this.#stackName = stackName;
  }

  arn(service: string, rest: string): string {
    const { partition, region, account } = this.#account;
    return `arn:${partition}:${service}:${region}:${account}:${rest}`;
  }

  /** Physical name: the template's own, or one made of the stack's name and the logical id, as CloudFormation makes it. */
  nameOf(id: string): string {
    const resource = this.#resources[id];
    const property = resource === undefined ? undefined : NAME_PROPERTY[resource.Type];
    const own = property === undefined ? undefined : resource?.Properties?.[property];
    if (typeof own === 'string') return own;
    const name = `${this.#stackName}-${id}`;
    return resource?.Type === 'AWS::S3::Bucket' ? name.toLowerCase() : name;
  }

  resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item));
    if (typeof value !== 'object' || value === null) return value;
    const [[key, content] = [], ...more] = Object.entries(value) as [string, unknown][];
    if (more.length === 0 && key === 'Ref') return this.#ref(String(content));
    if (more.length === 0 && key?.startsWith('Fn::') === true) return this.#intrinsic(key, content);
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.resolve(item)]));
  }

  #ref(id: string): string {
    const { partition, region, account } = this.#account;
    const pseudo: Record<string, string> = {
      'AWS::Partition': partition,
      'AWS::Region': region,
      'AWS::AccountId': account,
      'AWS::StackName': this.#stackName,
      'AWS::StackId': this.arn('cloudformation', `stack/${this.#stackName}/sandbox`),
      'AWS::URLSuffix': partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com',
    };
    if (pseudo[id] !== undefined) return pseudo[id];
    const resource = this.#resources[id];
    if (resource === undefined) throw new Error(`template: nothing is called "${id}"`);
    if (resource.Type === 'AWS::StepFunctions::StateMachine')
      return this.arn('states', `stateMachine:${this.nameOf(id)}`);
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html#aws-resource-sns-topic-return-values
    if (resource.Type === 'AWS::SNS::Topic') return this.arn('sns', this.nameOf(id));
    return this.nameOf(id);
  }

  #intrinsic(key: string, content: unknown): unknown {
    if (key === 'Fn::Join') {
      const [separator, parts] = content as [string, unknown[]];
      return parts.map((part) => String(this.resolve(part))).join(separator);
    }
    if (key === 'Fn::Sub') {
      const text = Array.isArray(content) ? String(content[0]) : String(content);
      return text.replaceAll(/\$\{([^}]+)\}/g, (_match, name: string) =>
        name.includes('.') ? String(this.#attribute(name.split('.') as [string, string])) : this.#ref(name),
      );
    }
    if (key === 'Fn::GetAtt') return this.#attribute(content as [string, string]);
    if (key === 'Fn::Select') {
      const [index, list] = content as [number, unknown];
      return (this.resolve(list) as unknown[])[Number(index)];
    }
    if (key === 'Fn::Split') {
      const [separator, text] = content as [string, unknown];
      return String(this.resolve(text)).split(separator);
    }
    throw new Error(`template: ${key} is not known here`);
  }

  #attribute([id, attribute]: [string, string]): string {
    const type = this.#resources[id]?.Type;
    const name = this.nameOf(id);
    const { partition, account } = this.#account;
    const arns: Record<string, string> = {
      'AWS::Lambda::Function': this.arn('lambda', `function:${name}`),
      'AWS::IAM::Role': `arn:${partition}:iam::${account}:role/${name}`,
      'AWS::S3::Bucket': `arn:${partition}:s3:::${name}`,
      'AWS::StepFunctions::StateMachine': this.arn('states', `stateMachine:${name}`),
      'AWS::SQS::Queue': this.arn('sqs', name),
      'AWS::Logs::LogGroup': `${this.arn('logs', `log-group:${name}`)}:*`,
      'AWS::KMS::Key': this.arn('kms', `key/${name}`),
      'AWS::SNS::Topic': this.arn('sns', name),
      'AWS::Events::Rule': this.arn('events', `rule/${name}`),
    };
    if (attribute === 'Arn' && type !== undefined && arns[type] !== undefined) return arns[type];
    // An id of the right form, the same at every run.
    if (type === 'AWS::EC2::SecurityGroup' && attribute === 'GroupId') return 'sg-0fedcba9876543210';
    if (attribute === 'QueueName' || attribute === 'TopicName') return name;
    return `${name}.${attribute}`;
  }
}
