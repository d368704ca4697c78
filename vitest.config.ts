import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
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
    coverage: {
      provider: 'v8',
      include: ['functions/**/*.ts', 'engines/**/*.ts', 'lib/**/*.ts', 'sandbox/**/*.ts', 'cli/**/*.ts'],
      reporter: ['text-summary', 'json-summary'],
    },
  },
});
