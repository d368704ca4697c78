import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { connectedMysqlEngine } from '../../engines/mysql/engine.ts';
import { connectedPostgresEngine } from '../../engines/postgres/engine.ts';
import { validateSystems } from '../../lib/validate-systems.ts';
import { system } from '../functions/fixtures.ts';
import { hasMariadb, startMariadb } from '../support/mariadb-server.ts';
import { synthesiseSystem } from '../support/synthesis.ts';
import { startThrowAwayServer } from '../support/throw-away-server.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const PAGE = readFileSync(`${ROOT}/docs/deploy.md`, 'utf8');

const blocksOf = (language: string): string[] =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);

/** The statements that make the user who reads, with a password; the one block that holds these words. */
const statementsWith = (words: string): string => {
  const blocks = blocksOf('sql').filter((block) => block.includes(words) && block.includes("'…'"));
  expect(blocks).toHaveLength(1);
  return (blocks[0] ?? '').replace('…', 'reads');
};

const question = {
  resource: 'database crm-db',
  user: 'lights_out',
  wanted: ['crm'],
  drain: system().drain,
};
const credentials = { username: 'lights_out', password: 'reads' };

describe('the systems of docs/deploy.md', { timeout: 60_000 }, () => {
  const modules = blocksOf('ts').filter((block) => block.includes('export const systems'));

  it('are typed as they should be', () => {
    expect(modules).toHaveLength(1);
    const file = `${ROOT}/systems-of-the-docs.ts`;
    const { config } = ts.readConfigFile(`${ROOT}/tsconfig.json`, ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
    const host = ts.createCompilerHost(options);
    const { readFile, fileExists } = host;
    host.readFile = (path) => (path === file ? modules[0] : readFile.call(host, path));
    host.fileExists = (path) => path === file || fileExists.call(host, path);

    const program = ts.createProgram([file], { ...options, noEmit: true }, host);

    const problems = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
    expect(problems).toEqual([]);
  });

  it('are valid, one on MySQL and one that signs in by IAM', async () => {
    const { outputText } = ts.transpileModule(modules[0] ?? '', {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ESNext },
    });
    const { systems } = (await import(`data:text/javascript,${encodeURIComponent(outputText)}`)) as {
      systems: unknown;
    };

    const { valid, problems } = validateSystems(systems);

    expect(problems).toEqual([]);
    expect(valid.map(({ database: { engine, port, iamUser } }) => ({ engine, port, iamUser }))).toEqual([
      { engine: 'mysql', port: 3306, iamUser: undefined },
      { engine: 'postgres', port: 5432, iamUser: 'lights_out' },
    ]);
  });
});

describe('the statements of docs/deploy.md', { timeout: 60_000 }, () => {
  it('give PostgreSQL’s user all that the plan asks for', async () => {
    const server = await startThrowAwayServer();
    try {
      await server.database('crm', 'CREATE TABLE account (id int PRIMARY KEY); CREATE SEQUENCE numbers');
      await server.sql(statementsWith('pg_read_all_data'), 'crm');

      const { reasons, databases } = await connectedPostgresEngine(
        { address: '127.0.0.1', port: server.port, credentials, tls: { ca: server.certificate.ca } },
        ['crm'],
      ).inspect(question);

      expect(reasons).toEqual([]);
      expect(databases).toMatchObject([{ name: 'crm', tables: 1 }]);
    } finally {
      await server.stop();
    }
  });

  it.runIf(hasMariadb)('give MariaDB’s user all that the plan asks for', async () => {
    const server = await startMariadb();
    try {
      await server.sql(
        'CREATE DATABASE crm; USE crm; CREATE TABLE account (id int PRIMARY KEY); CREATE VIEW names AS SELECT id FROM account; CREATE PROCEDURE p() SELECT 1;',
      );
      await server.sql(statementsWith('mysql.proc'));

      const { reasons, databases } = await connectedMysqlEngine({
        address: '127.0.0.1',
        port: server.port,
        credentials,
        tls: { ca: server.ca },
      }).inspect(question);

      expect(reasons).toEqual([]);
      expect(databases).toMatchObject([{ name: 'crm', tables: 1 }]);
    } finally {
      await server.stop();
    }
  });

  it('hold the ones that a missing privilege’s reason names for MySQL', () => {
    expect(statementsWith('SHOW_ROUTINE')).toMatch(
      /GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON `crm`\.\* TO lights_out;\nGRANT SHOW_ROUTINE ON \*\.\* TO lights_out;.*\nGRANT PROCESS ON \*\.\* TO lights_out;/,
    );
  });
});

describe('deploying, as docs/deploy.md says', () => {
  const { template } = synthesiseSystem({
    approval: {
      approvers: [{ address: 'head@example.com' }],
      principals: ['arn:aws:iam::123456789012:role/Heads'],
    },
  });
  const resources = Object.values(template.Resources);

  it('names the routes that there are, each in one statement', () => {
    const [policy = ''] = blocksOf('json').filter((block) => block.includes('execute-api:Invoke'));
    const allowed = (
      JSON.parse(policy) as { Statement: { Resource: string | string[] }[] }
    ).Statement.flatMap(({ Resource }) => Resource).map((arn) => arn.replace(/^.*\$default\//, ''));
    const routes = resources
      .filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Route')
      .map(({ Properties }) =>
        String(Properties['RouteKey']).replace(' ', '').replace('{name}', 'crm').replace('{id}', '*'),
      );

    expect(allowed.sort()).toEqual(routes.sort());
  });

  it('says what is kept when the stack is removed', () => {
    const kept = new Set(
      resources.flatMap(({ Type, DeletionPolicy }) =>
        DeletionPolicy?.startsWith('Retain') === true ? [Type] : [],
      ),
    );
    expect([...kept].sort()).toEqual(['AWS::KMS::Key', 'AWS::Logs::LogGroup', 'AWS::S3::Bucket']);
    expect(PAGE).toContain('the bucket with the evidence, the log groups, the key of the alarms');
  });

  it('names outputs that there are', () => {
    for (const name of ['EvidenceBucketName', 'OperatorApiUrl']) {
      expect(PAGE).toContain(`\`${name}\``);
      expect(template.Outputs).toHaveProperty(name);
    }
  });
});
