import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/**
 * Rooms whose tests get on with what others leave behind in their process, clients of AWS that are mocked above all. Not those that
 * replace a module, or rehearse with clients that really call.
 */
const GETS_ON_WITH_OTHERS = globSync('test/{functions,lib,docs}/**/*.test.ts').filter(
  (file) => !/vi\.mock\(|support\/rehearsals/.test(readFileSync(file, 'utf8')),
);

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    restoreMocks: true,
    unstubEnvs: true,
    silent: 'passed-only',
    // CDK's own check of each template takes two thirds of a synth: `cdk synth` makes it, once, in .ci/run.
    env: { CDK_VALIDATION: 'false' },
    // The closing line of .ci/run is counted from here.
    reporters: ['default', ['json', { outputFile: 'out/test-results.json' }]],
    projects: [
      // A process loads the SDK, zod and CDK once for all of these files, not once a file: half of their time.
      { extends: true, test: { name: 'together', include: GETS_ON_WITH_OTHERS, isolate: false } },
      {
        extends: true,
        test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: GETS_ON_WITH_OTHERS },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['functions/**/*.ts', 'engines/**/*.ts', 'lib/**/*.ts', 'sandbox/**/*.ts', 'cli/**/*.ts'],
      reporter: ['text-summary', 'json-summary'],
    },
  },
});
