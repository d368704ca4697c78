import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { messageOf } from '../functions/contract/errors.ts';
import { BadInputError } from '../sandbox/bad-input.ts';

/** Any list of faults and any input is far smaller. */
const MOST_BYTES = 10 * 1024 * 1024;

/**
 * The JSON text of an option whose value is JSON or a file. A value that looks like JSON is JSON; any other names a file. A byte order mark
 * is dropped.
 *
 * @throws BadInputError when the file does not exist, or is a folder, a pipe or a device.
 */
export function jsonOrFile(option: string, value: string): string {
  if (/^\s*[[{]/.test(value)) return value;
  return readSmallFile(option, value).replace(/^\uFEFF/, '');
}

function readSmallFile(option: string, path: string): string {
  let file: number;
  try {
    // Without O_NONBLOCK, opening a pipe without a writer would never end.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new BadInputError(
      `${option} ${path}: neither JSON nor a readable file (${messageOf(error)}); expected JSON in quotes, or a file that holds it`,
    );
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile())
      throw new BadInputError(
        `${option} ${path}: ${stat.isDirectory() ? 'a folder' : 'no plain file'}; expected a file of JSON`,
      );
    if (stat.size > MOST_BYTES)
      throw new BadInputError(
        `${option} ${path}: ${stat.size} bytes; expected a file of JSON of at most ${MOST_BYTES}`,
      );
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof TypeError)
      throw new BadInputError(`${option} ${path}: not UTF-8; expected a file of JSON in UTF-8`);
    throw error;
  } finally {
    closeSync(file);
  }
}
