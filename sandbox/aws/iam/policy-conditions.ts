/**
 * The values a policy's conditions are held against: by condition key in lower case, since IAM compares keys without
 * regard to case (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html).
 */
export type ConditionContext = ReadonlyMap<string, readonly string[]>;

/** How one statement's conditions came out. */
export interface ConditionResult {
  matches: boolean;
  /** Keys and operators the sandbox does not know; the statement does not match because of them. */
  unknown: string[];
}

type Compare = (actual: string, wanted: string) => boolean;

const OPERATORS: Record<string, Compare> = {
  stringequals: (actual, wanted) => actual === wanted,
  stringequalsignorecase: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
  stringlike: (actual, wanted) => wildcardMatches(wanted, actual),
  arnequals: arnMatches,
  arnlike: arnMatches,
  bool: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
};

/** Condition keys whose value may be absent: a request without such a tag is a fact, not a gap of the sandbox. */
const KNOWN_KEYS = [
  /^aws:(resourcetag|requesttag)\/.+$/,
  /^(ec2|ssm|rds):resourcetag\/.+$/,
  /^rds:(req-tag|db-tag|snapshot-tag)\/.+$/,
  /^aws:(tagkeys|principalarn|requestedregion|securetransport|sourcearn|sourceaccount)$/,
  /^ec2:createaction$/,
  /^s3:(prefix|delimiter|max-keys|if-match|if-none-match)$/,
  /^kms:(viaservice|grantisforawsresource|grantoperations|granteeprincipal|requestalias)$/,
  /^ses:(fromaddress|recipients)$/,
];

/**
 * Holds a statement's `Condition` against a request.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function evaluateConditions(
  condition: Record<string, Record<string, string | string[]>> | undefined,
  context: ConditionContext,
): ConditionResult {
  const unknown: string[] = [];
  let matches = true;
  for (const [operator, block] of Object.entries(condition ?? {})) {
    for (const [key, value] of Object.entries(block)) {
      const wanted = Array.isArray(value) ? value : [value];
      if (!KNOWN_KEYS.some((pattern) => pattern.test(key.toLowerCase()))) {
        unknown.push(`condition key ${key}`);
        continue;
      }
      const actual = context.get(key.toLowerCase());
      const result = evaluateOne(operator, actual, wanted);
      if (result === undefined) unknown.push(`condition operator ${operator}`);
      else if (!result) matches = false;
    }
  }
  return { matches: matches && unknown.length === 0, unknown };
}

/** True or false, or undefined when the operator is not known. */
function evaluateOne(
  operator: string,
  actual: readonly string[] | undefined,
  wanted: readonly string[],
): boolean | undefined {
  const [, quantifier, name = ''] = /^(?:(ForAllValues|ForAnyValue):)?(.+)$/i.exec(operator) ?? [];
  if (name.toLowerCase() === 'null')
    return wanted.some((want) => (want === 'true') === (actual === undefined));
  const ifExists = /IfExists$/i.test(name);
  const base = name.replace(/IfExists$/i, '').toLowerCase();
  // A negated operator is true when none of the wanted values matches, and also when the key is absent.
  const negated = /^(string|arn)not/.test(base);
  const compare = OPERATORS[base.replace(/^(string|arn)not/, '$1')];
  if (compare === undefined) return undefined;
  const one = (value: string) => wanted.some((want) => compare(value, want)) !== negated;
  const values = actual ?? [];
  switch (quantifier?.toLowerCase()) {
    case 'forallvalues':
      return values.every(one);
    case 'foranyvalue':
      return values.some(one);
    default:
      if (actual === undefined) return ifExists || negated;
      return negated ? values.every(one) : values.some(one);
  }
}

/** A deployment has some hundred patterns, each held against every call. */
const patterns = new Map<string, RegExp>();

/**
 * IAM's wildcards: `*` is any text, `?` any one character; `${*}`, `${?}` and `${$}` are the characters themselves:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
 */
export function wildcardMatches(pattern: string, text: string): boolean {
  let expression = patterns.get(pattern);
  if (expression === undefined) {
    const source = pattern.replaceAll(/\$\{[*?$]\}|[^A-Za-z0-9]/g, (part) => {
      if (part === '*') return '.*';
      return part === '?'
        ? '.'
        : `\\u{${(part.length > 1 ? part.charCodeAt(2) : (part.codePointAt(0) ?? 0)).toString(16)}}`;
    });
    expression = new RegExp(`^${source}$`, 'su');
    patterns.set(pattern, expression);
  }
  return expression.test(text);
}

/** ARNs are compared part by part, so that a wildcard never reaches over a colon (but in the last part). */
function arnMatches(actual: string, wanted: string): boolean {
  const [actualParts, wantedParts] = [splitArn(actual), splitArn(wanted)];
  if (actualParts.length !== wantedParts.length) return false;
  return wantedParts.every((part, index) => wildcardMatches(part, actualParts[index] ?? ''));
}

function splitArn(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}
