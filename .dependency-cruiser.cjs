/** The arrows between the rooms of docs/architecture.md, as an allow-list: what a room is not allowed, it may not import. */
const ROOMS = '^(bin|lib|functions|engines|sandbox|cli|bench|test)/';

/** @param comment why a room may know these and no others. */
const only = (name, from, allowed, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: { path: ROOMS, pathNot: allowed },
});

/** What works on AWS, bottom up. A guard's file that lies beside the guard's functions is there for everybody; its functions are nobody's to import. */
const CONTRACT = '^functions/contract/';
const RUNTIME = '^functions/runtime/';
const AWS = '^functions/aws/';
const NOTICES = '^functions/notices/';
const GUARD = '^functions/guard/[^/]+\\.ts$';
const DATABASES = '^functions/databases/';
const ENGINES = '^engines/';
/** What a function may know besides its own folder. */
const BELOW_FUNCTIONS = [CONTRACT, RUNTIME, AWS, NOTICES, GUARD, DATABASES, ENGINES];

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'without-azure.ts is put into the bundles by name, lib/steps are found by it',
      from: { orphan: true, pathNot: '\\.d\\.ts$|/without-azure\\.ts$|^test/|^lib/steps/' },
      to: {},
    },
    only('contract', CONTRACT, [CONTRACT], 'the words all rooms share depend on zod alone'),
    only('runtime', RUNTIME, [RUNTIME, CONTRACT], 'what every function needs'),
    only('aws', AWS, [AWS, RUNTIME, CONTRACT], 'ports over AWS'),
    only('engines', ENGINES, [ENGINES, CONTRACT], 'two databases compared: no AWS, no run'),
    only('notices', NOTICES, [NOTICES, AWS, RUNTIME, CONTRACT, ENGINES], 'the post office'),
    only('guard', GUARD, [GUARD, AWS, RUNTIME, CONTRACT], 'what is known between runs'),
    only(
      'databases',
      DATABASES,
      [DATABASES, ENGINES, AWS, RUNTIME, CONTRACT],
      'engines on a system’s servers',
    ),
    only(
      'step',
      '^functions/steps/([^/]+)/',
      ['^functions/steps/$1/', ...BELOW_FUNCTIONS],
      'never another step',
    ),
    only('report', '^functions/report/', ['^functions/report/', ...BELOW_FUNCTIONS], 'never a step'),
    only('api', '^functions/api/', ['^functions/api/', ...BELOW_FUNCTIONS], 'never a step'),
    only('guards', '^functions/guard/([^/]+)/', ['^functions/guard/$1/', ...BELOW_FUNCTIONS], 'never a step'),
    only('lib', '^lib/', ['^lib/', CONTRACT], 'lib knows functions only by entry path and by the contract'),
    only('bin', '^bin/', ['^(bin|lib)/', CONTRACT], 'systems in, stacks out'),
    only(
      'sandbox',
      '^sandbox/',
      ['^sandbox/', CONTRACT],
      'the sandbox runs the built bundles; it imports no function',
    ),
    only(
      'sandbox-plays-nothing-of-a-rehearsal',
      '^sandbox/(aws|world|play)/',
      ['^sandbox/(aws|world|play)/', '^sandbox/[^/]+\\.ts$', CONTRACT],
      'what is played does not know who plays with it',
    ),
    {
      name: 'nobody-knows-the-sweep',
      severity: 'error',
      from: { path: '^sandbox/', pathNot: '^sandbox/sweep/' },
      to: { path: '^sandbox/sweep/' },
    },
    only(
      'cli',
      '^cli/',
      [
        '^cli/',
        '^sandbox/',
        ENGINES,
        CONTRACT,
        NOTICES,
        AWS,
        '^functions/runtime/(clients|aws-errors)\\.ts$',
        '^lib/validate-systems\\.ts$',
      ],
      'the command line drives the sandbox and the engines, checks systems.ts as synth does, and restores by the ports over AWS',
    ),
    only('bench', '^bench/', ['^bench/', '^sandbox/', ENGINES, CONTRACT, '^test/support/'], 'figures'),
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
