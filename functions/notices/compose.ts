import type { Language } from '../contract/config.ts';
import { type Html, html, joined, trusted } from '../contract/html.ts';
import type { NoticeFacts, NoticeKind, NoticeText } from './notice.ts';
import { textOf } from './texts.ts';

export interface ComposedNotice {
  subject: string;
  html: string;
  text: string;
}

/** A notice as one mail: in each of the languages, the main one first and in the subject. */
export function composeNotice(kind: NoticeKind, facts: NoticeFacts, languages: Language[]): ComposedNotice {
  const texts = languages.map((language) => ({ language, ...textOf(kind, facts, language) }));
  const main = texts[0] ?? { language: 'en' as const, ...textOf(kind, facts, 'en') };
  const all = texts.length === 0 ? [main] : texts;
  return {
    subject: main.subject,
    text: `${all.map(plain).join('\n\n----------\n\n')}\n`,
    html: page(main, all).markup,
  };
}

function plain(text: NoticeText): string {
  const facts = text.facts.map(({ label, value }) => `${label}: ${value}`);
  return [text.heading, '', ...text.paragraphs, '', ...facts, '', text.closing].join('\n');
}

const FONT = trusted(
  "-apple-system,'Segoe UI','PingFang SC','Microsoft YaHei','Noto Sans CJK SC',Arial,sans-serif",
);

/** Styles stand in the elements and widths are relative: what mail clients and phones agree on. */
function page(main: NoticeText & { language: Language }, all: (NoticeText & { language: Language })[]): Html {
  return joined(
    [
      html`<!doctype html><html lang="${main.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">`,
      html`<title>${main.subject}</title></head>`,
      html`<body style="margin:0;padding:16px;background:#f3f4f6;color:#1f2937;font-family:${FONT};font-size:16px;line-height:1.55">`,
      ...all.map(section),
      html`</body></html>`,
    ],
    '\n',
  );
}

function section(text: NoticeText & { language: Language }): Html {
  // A label above its value: side by side, a long name of a server leaves its state one character of a phone's width.
  const facts = text.facts.map(
    ({ label, value }) =>
      html`<p style="margin:0 0 8px;overflow-wrap:anywhere;word-break:break-word"><span style="color:#4b5563;font-size:14px">${label}</span><br><strong style="font-weight:600">${value}</strong></p>`,
  );
  return joined(
    [
      html`<div lang="${text.language}" style="max-width:600px;margin:0 auto 16px;padding:20px;background:#ffffff;border-radius:8px;border-top:4px solid #1d4ed8">`,
      html`<h1 style="margin:0 0 12px;font-size:20px;line-height:1.3;overflow-wrap:anywhere;word-break:break-word">${text.heading}</h1>`,
      ...text.paragraphs.map(
        (paragraph) =>
          html`<p style="margin:0 0 12px;overflow-wrap:anywhere;word-break:break-word">${paragraph}</p>`,
      ),
      html`<div style="margin:8px 0 12px">${facts}</div>`,
      html`<p style="margin:0;color:#6b7280;font-size:13px">${text.closing}</p></div>`,
    ],
    '\n',
  );
}
