import { createTwoFilesPatch } from 'diff';
import { expect, it } from 'vitest';
import { goldenTemplate, writtenGolden } from '../support/golden.ts';

it('the template of the example is the one in git: `npm run golden` renews it, and its diff shows what a change deploys', () => {
  const [written, now] = [writtenGolden(), goldenTemplate()];
  const patch =
    written === now
      ? ''
      : createTwoFilesPatch('test/golden/crm.template.json', 'as it is now', written, now, '', '', {
          context: 4,
        });
  expect(patch.slice(0, 20_000), 'if this is meant, run `npm run golden` and commit the file').toBe('');
});
