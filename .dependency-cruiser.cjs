/** The arrows of docs/architecture.md, as rules. */
const only = (name, from, allowed, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: { path: '^(bin|lib|functions|sandbox|cli|console|bench|sweep|test)/', pathNot: allowed },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'without-azure.ts is put into the bundles by name',
      from: { orphan: true, pathNot: '\\.d\\.ts$|/without-azure\\.ts$' },
      to: {},
    },
    only('bin', '^bin/', '^(bin|lib|functions/shared/contract)/', 'bin: systems in, stacks out'),
    only(
      'lib',
      '^lib/',
      '^(lib|functions/shared/contract)/',
      'lib knows functions only by entry path and by the contract',
    ),
    only('functions', '^functions/', '^functions/', 'functions know none of the other rooms'),
    only(
      'sandbox',
      '^sandbox/',
      '^(sandbox|functions/shared/contract)/|^functions/shared/timeline\\.ts$',
      'the sandbox runs the built bundles; it imports no function',
    ),
    only(
      'cli',
      '^cli/',
      '^(cli|sandbox|functions/shared)/|^lib/validate-systems\\.ts$',
      'the command line drives the sandbox and the engines, and checks systems.ts as synth does',
    ),
    only(
      'sweep',
      '^sweep/',
      '^(sweep|sandbox|functions/shared/contract)/',
      'the sweep lets runs happen in the sandbox and looks from outside',
    ),
    {
      name: 'steps-stand-alone',
      severity: 'error',
      comment: 'a step knows shared/ and its own folder, never another step',
      from: { path: '^functions/([^/]+)/', pathNot: '^functions/shared/' },
      to: { path: '^functions/([^/]+)/', pathNot: ['^functions/$1/', '^functions/shared/'] },
    },
    {
      name: 'shared-knows-no-step',
      severity: 'error',
      from: { path: '^functions/shared/' },
      to: { path: '^functions/', pathNot: '^functions/shared/' },
    },
    {
      name: 'contract-is-a-leaf',
      severity: 'error',
      comment: 'the words all rooms share depend on zod alone',
      from: { path: '^functions/shared/contract/' },
      to: { path: '^(functions|lib|sandbox|cli)/', pathNot: '^functions/shared/contract/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
    },
  },
};
