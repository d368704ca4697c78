import { describe, expect, it } from 'vitest';
import { composeNotice } from '../../../functions/notices/compose.ts';
import { hasBrowser, layOut } from '../../support/narrow-page.ts';
import { KINDS, LANGUAGES, LONG_FACTS } from './every-notice.ts';

const MAILS = KINDS.flatMap((kind) =>
  LANGUAGES.map((language) => ({
    name: `${kind} in ${language}`,
    html: composeNotice(kind, LONG_FACTS, [language]).html,
  })),
);

/** A small phone, in CSS pixels. */
const PHONE = 360;

/** As tall as the longest mail may be there: some screens, not a column of single characters. */
const TALLEST = 2_600;

/** 280 px hold about 17 Chinese characters, or 35 letters. */
const NARROWEST = 280;

describe('a mail on a phone', () => {
  it.each(MAILS)(
    'has its labels above the values, and nothing that keeps a line whole: $name',
    ({ html }) => {
      expect(html).not.toMatch(/<table|<td|nowrap|width:\s*\d{3,}px(?!;margin)/);
    },
  );

  const name = hasBrowser
    ? 'fits a screen of 360 px, as a browser lays it out'
    : 'LEFT OUT, for want of a browser (Debian: chromium): a screen of 360 px';
  it.skipIf(!hasBrowser)(name, { timeout: 120_000 }, () => {
    const layouts = layOut(
      MAILS.map(({ html }) => html),
      PHONE,
    );

    expect(layouts).toHaveLength(MAILS.length);
    layouts.forEach((layout, index) => {
      const { name: mail } = MAILS[index] ?? {};
      expect(layout.width, `width of ${mail}`).toBeLessThanOrEqual(PHONE);
      expect(layout.height, `height of ${mail}`).toBeLessThanOrEqual(TALLEST);
      expect(layout.narrowest, `narrowest text of ${mail}`).toBeGreaterThanOrEqual(NARROWEST);
    });
  });
});
