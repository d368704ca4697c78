import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { asData, listAsData } from '../../functions/contract/server-data.ts';
import { refusalOfAgent } from '../../sandbox/aws/services/ssm-document.ts';
import { largestSystem, SHAPES, synthesiseShape } from '../shapes.ts';
import { synthesiseSystem } from '../support/synthesis.ts';

interface Parameter {
  allowedPattern?: string;
}

/** Every pattern of every shape's documents, by document and parameter. */
const patterns = new Map<string, string>();
for (const { of } of [...SHAPES.map(synthesiseShape), synthesiseSystem(largestSystem())])
  for (const { Name, Content } of of('AWS::SSM::Document') as {
    Name: string;
    Content: { parameters: Record<string, Parameter> };
  }[])
    for (const [parameter, { allowedPattern }] of Object.entries(Content.parameters))
      if (allowedPattern !== undefined) patterns.set(`${Name} ${parameter}`, allowedPattern);

const matches = (parameter: string, value: string): boolean => {
  const pattern = [...patterns].find(([name]) => name.endsWith(`-${parameter}`))?.[1];
  if (pattern === undefined) throw new Error(`no document has the parameter ${parameter}`);
  return RE2JS.compile(pattern).matcher(value).find();
};

describe('the patterns of the documents, as the SSM agent reads them', () => {
  it.each([...patterns])('%s is a regular expression of RE2', (_name, pattern) => {
    expect(() => RE2JS.compile(pattern)).not.toThrow();
  });

  it('are found in all three documents', () => {
    expect([...patterns.keys()].map((name) => name.split('-').at(-1))).toEqual(
      expect.arrayContaining(['Services Services', 'Maintenance FlagFile', 'Volumes Volumes']),
    );
  });

  it.each([
    ['Services Services', listAsData(['nginx', 'MSSQL$CRM', 'Contoso Mail Gateway', '客户管理', `a"b'c`])],
    // 60 services of one tier on one server.
    ['Services Services', listAsData(Array.from({ length: 60 }, (_, index) => `crm-service-${index}`))],
    ['Maintenance FlagFile', asData('/var/lib/crm/maintenance.flag')],
    ['Maintenance FlagFile', asData('C:\\Program Files (x86)\\客户\\maintenance.flag')],
    ['Volumes Volumes', 'vol-0aaaaaaaaaaaaaaa1:sdf vol-0aaaaaaaaaaaaaaa2:sdg'],
  ])('%s takes %s', (parameter, value) => {
    expect(matches(parameter, value)).toBe(true);
  });

  it.each([
    ['Services Services', "a'; id; '"],
    ['Services Services', 'a\nid'],
    ['Services Services', 'a`id`'],
    ['Services Services', 'YQ== YQ=='],
    ['Services Services', '$(id)'],
    ['Services Services', ''],
    ['Maintenance FlagFile', '/var/../etc/passwd\n'],
    ['Maintenance FlagFile', "'"],
    ['Volumes Volumes', 'vol-1:sdf'],
  ])('%s refuses %j', (parameter, value) => {
    expect(matches(parameter, value)).toBe(false);
  });

  it('stop the sandbox too where RE2 does not know them, as they were once', () => {
    const document = (allowedPattern: string) => ({
      schemaVersion: '2.2',
      mainSteps: [],
      parameters: { Services: { type: 'String', allowedPattern } },
    });
    expect(refusalOfAgent(document('^(?!.*x)a$'))).toMatch(/Services: .*RE2/);
    expect(refusalOfAgent(document('^a{0,127}( a{0,127}){0,49}$'))).toMatch(/RE2/);
    expect(refusalOfAgent(document('^a( a)*$'))).toBeUndefined();
  });
});
