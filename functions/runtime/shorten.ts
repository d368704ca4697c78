/**
 * The longest message of an error, in characters. A Cause holds 32,768 at most
 * (https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html). Lambda writes the message into it twice, the
 * second time as the first line of the trace. A state may keep eight Causes.
 */
export const LONGEST_MESSAGE = 4000;

/** Shortens a text that enumerates, and counts the entries that are left out: "… and 1,988 more". */
export function shorten(text: string, longest: number = LONGEST_MESSAGE): string {
  if (text.length <= longest) return text;
  const room = longest - 40;
  const head = text.slice(0, room);
  const separator = [', ', '; ', '. '].reduce((one, other) =>
    head.split(other).length > head.split(one).length ? other : one,
  );
  const end = head.lastIndexOf(separator);
  if (end <= 0) return `${head} … (${(text.length - room).toLocaleString('en')} more characters)`;
  const left = text.slice(end + separator.length).split(separator).length;
  return `${text.slice(0, end)}${separator}and ${left.toLocaleString('en')} more`;
}
