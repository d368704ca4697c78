import { join } from 'node:path';
import { RE2JS, RE2JSException } from 're2js';
import { asData, fingerprint, textOfData } from '../../../functions/contract/server-data.ts';
import type { SandboxServer } from '../../world/servers/world.ts';
import { AwsError } from '../operation.ts';

/** A Command document, schema 2.2, as far as the sandbox runs it. */
export interface CommandDocument {
  schemaVersion: string;
  parameters?: Record<
    string,
    { type: string; allowedValues?: string[]; allowedPattern?: string; default?: string }
  >;
  mainSteps: {
    action: string;
    name: string;
    precondition?: { StringEquals: string[] };
    inputs: { runCommand: string[]; timeoutSeconds?: string };
  }[];
}

/** Checks the parameters as SSM does before it takes a command. @throws AwsError `InvalidParameters`. */
export function checkParameters(
  document: CommandDocument,
  given: Record<string, string[]>,
): Record<string, string> {
  const declared = document.parameters ?? {};
  const refuse = (text: string): never => {
    throw new AwsError('InvalidParameters', text);
  };
  for (const name of Object.keys(given))
    if (declared[name] === undefined) refuse(`The parameter ${name} is not defined in the document.`);
  return Object.fromEntries(
    Object.entries(declared).map(([name, rules]) => {
      const value =
        given[name]?.[0] ?? rules.default ?? refuse(`The parameter ${name} has no value and no default.`);
      if ((given[name]?.length ?? 1) !== 1)
        refuse(`The parameter ${name} is of type String; expected one value.`);
      if (rules.allowedValues !== undefined && !rules.allowedValues.includes(value))
        refuse(`The parameter ${name} has the value "${value}", allowed: ${rules.allowedValues.join(', ')}.`);
      if (rules.allowedPattern !== undefined && !new RegExp(rules.allowedPattern).test(value))
        refuse(`The parameter ${name} does not match ${rules.allowedPattern}.`);
      return [name, value];
    }),
  );
}

/**
 * What the SSM agent says of a document that it will not run: it compiles every `allowedPattern` with Go's regexp, which is RE2, before
 * the first step, whatever the service has accepted: https://github.com/aws/amazon-ssm-agent, agent/framework/docparser and its
 * parameter validators. Undefined for a document that it runs.
 */
export function refusalOfAgent({ parameters = {} }: CommandDocument): string | undefined {
  for (const [name, { allowedPattern }] of Object.entries(parameters)) {
    if (allowedPattern === undefined) continue;
    try {
      RE2JS.compile(allowedPattern);
    } catch (error) {
      if (!(error instanceof RE2JSException)) throw error;
      return `parameter ${name}: its allowedPattern is no regular expression of RE2: ${error.message}`;
    }
  }
  return undefined;
}

/**
 * The script of the document's step for the server's platform, its parameters filled in. Absolute paths lead below the server's own
 * folder, so that a rehearsal writes nowhere else; what the script holds the path against follows.
 *
 * @param paths that stand in the script itself.
 */
export function renderScript(
  document: CommandDocument,
  server: SandboxServer,
  parameters: Record<string, string>,
  paths: readonly string[] = [],
): { script: string; seconds: number } {
  const platform = server.platform === 'windows' ? 'Windows' : 'Linux';
  const step = document.mainSteps.find(
    (candidate) =>
      candidate.precondition?.StringEquals[1] === platform || candidate.precondition === undefined,
  );
  if (step === undefined)
    throw new AwsError('UnsupportedPlatformType', `The document has no step for ${platform}.`);
  const { root } = server.supervisor;
  let lines = step.inputs.runCommand.join('\n');
  const inScript = new Map(paths.map((path) => [asData(path), asData(join(root, path))]));
  // Whole words: the code of a path may begin as that of another.
  lines = lines.replaceAll(/[A-Za-z0-9+/]{4,}={0,2}/g, (word) => inScript.get(word) ?? word);
  const own = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      if (value.startsWith('/')) return [name, join(root, value)];
      const path = textOfData(value);
      if (!path.startsWith('/') || asData(path) !== value) return [name, value];
      lines = lines.replaceAll(fingerprint(path), fingerprint(join(root, path)));
      return [name, asData(join(root, path))];
    }),
  );
  const filledIn = (text: string): string =>
    text.replaceAll(/\{\{\s*([A-Za-z0-9]+)\s*\}\}/g, (_match, name: string) => own[name] ?? '');
  return {
    script: filledIn(lines),
    seconds: Number(filledIn(step.inputs.timeoutSeconds ?? '3600')),
  };
}
