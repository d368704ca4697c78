import { z } from 'zod';

/**
 * AWS allows 50 tags on a resource
 * (https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html). Lights Out sets up to six of its own.
 */
export const MOST_TAGS = 50;
const MOST_OWN_TAGS = 40;

/** The characters that every tagged service takes: letters, digits, blanks and these. */
const TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/**
 * Tags of the company, for everything that the stack makes and that a run makes (snapshots, copies of the database, snapshots and copies of
 * volumes). Default: none.
 *
 * @example { 'cost-center': '4711', owner: 'crm-operations' }
 */
export const CompanyTags = z.record(z.string(), z.string()).check((context) => {
  const tags = context.value;
  const problem = (path: string[], message: string): void => {
    context.issues.push({ code: 'custom', path, message, input: tags });
  };
  const keys = Object.keys(tags);
  if (keys.length > MOST_OWN_TAGS)
    problem(
      [],
      `found ${keys.length} tags, expected at most ${MOST_OWN_TAGS}: AWS allows ${MOST_TAGS}, some are Lights Out's own`,
    );
  const seen = new Map<string, string>();
  for (const [key, value] of Object.entries(tags)) {
    if (key.length === 0 || key.length > 128 || !TEXT.test(key))
      problem(
        [key],
        `expected a tag key of 1 to 128 letters, digits, blanks and _ . : / = + - @, e.g. "cost-center"`,
      );
    if (value.length > 256 || !TEXT.test(value))
      problem(
        [key],
        `expected a tag value of at most 256 letters, digits, blanks and _ . : / = + - @, e.g. "4711"`,
      );
    if (/^aws:/i.test(key)) problem([key], 'tags that begin with "aws:" are AWS’s own; choose another key');
    if (/^lights-out:/i.test(key))
      problem([key], 'tags that begin with "lights-out:" are Lights Out’s own; choose another key');
    const other = seen.get(key.toLowerCase());
    if (other !== undefined)
      problem(
        [key],
        `it differs from "${other}" only in case, and IAM roles take one of them; leave one out`,
      );
    seen.set(key.toLowerCase(), key);
  }
});

/** A tag as AWS lists it. */
export interface PlannedTag {
  Key: string;
  Value: string;
}
