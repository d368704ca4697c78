import { pathToFileURL } from 'node:url';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { schedulePreview } from '../lib/schedule-preview.ts';
import { SystemStack } from '../lib/system-stack.ts';
import { validateSystems } from '../lib/validate-systems.ts';

/** Another file of systems, for tests and rehearsals: an absolute path of a module that exports `systems`. */
const file = process.env['LIGHTS_OUT_SYSTEMS'];
const location = file === undefined ? new URL('../systems.ts', import.meta.url) : pathToFileURL(file);

const { systems } = (await import(location.href)) as { systems: unknown };
const { valid, problems } = validateSystems(systems);

if (problems.length > 0) {
  for (const problem of problems) console.error(`systems.ts: ${problem}`);
  process.exitCode = 1;
} else {
  const app = new App({ analyticsReporting: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { writeSuppressionsToCloudFormation: true }));
  for (const system of valid) {
    const preview = schedulePreview(system, Date.now());
    if (preview !== undefined) console.error(preview);
    new SystemStack(app, `LightsOut-${system.name}`, {
      system,
      ...(system.environment === undefined ? {} : { env: system.environment }),
    });
  }
  app.synth();
}
