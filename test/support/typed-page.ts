import { expect } from 'vitest';
import { type CommandName, USAGES } from '../../cli/usage.ts';
import { pageOf } from './page.ts';
import { typedCommands } from './typed-commands.ts';

const LIGHTS_OUT = 'npm run -s lights-out --';

/** A page that lets its reader type commands, and shows what they answer. */
export function typedPage(file: string) {
  const page = pageOf(file);
  const commands = page.blocks('sh').flatMap(typedCommands);
  const words = LIGHTS_OUT.split(' ').length;
  return {
    page,
    commands,
    /** The words of each command of `lights-out`. */
    lightsOut: commands.flatMap((typed) =>
      typed.slice(0, words).join(' ') === LIGHTS_OUT ? [typed.slice(words)] : [],
    ),
    /** The one answer that holds these words. */
    answerWith(part: string): string {
      const found = page.blocks('').filter((answer) => answer.includes(part));
      expect(found).toHaveLength(1);
      return found[0] ?? '';
    },
  };
}

/** Each is a command that there is, with options that it has. */
export function expectKnown(lightsOut: string[][]): void {
  for (const [command = '', ...options] of lightsOut) {
    expect(Object.keys(USAGES)).toContain(command);
    for (const option of options.filter((word) => word.startsWith('--')))
      expect(USAGES[command as CommandName]).toContain(` ${option} `);
  }
}
