import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bodyOf } from '../../functions/notices/channels/webhook-message.ts';
import { KINDS } from '../functions/notices/every-notice.ts';
import { FACTS } from '../functions/notices/facts.ts';

const PAGE = readFileSync(fileURLToPath(new URL('../../docs/channels.md', import.meta.url)), 'utf8');

describe('docs/channels.md', () => {
  it('shows the body of a message as it is made', () => {
    const [, shown = ''] = /```json\n(.*?)```/s.exec(PAGE) ?? [];
    const made = bodyOf(
      { kind: 'announcement', audience: 'users', facts: FACTS, occurrence: '' },
      ['zh-CN'],
      Date.parse('2026-11-27T13:30:04.000Z'),
    );

    const example = JSON.parse(shown);
    const [text] = made.data.texts;
    expect({ ...example, data: { ...example.data, texts: [] } }).toEqual({
      ...made,
      data: { ...made.data, texts: [] },
    });
    expect(example.data.texts[0]).toMatchObject({ language: 'zh-CN', title: text?.title });
    expect(text?.text.startsWith(String(example.data.texts[0].text).slice(0, -1))).toBe(true);
    expect(text?.fields).toContainEqual(example.data.texts[0].fields[0]);
  });

  it('lists every event', () => {
    const [, listed = ''] = /`event` is one of (.*?);/s.exec(PAGE) ?? [];

    expect([...listed.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name)).toEqual(KINDS);
  });
});
