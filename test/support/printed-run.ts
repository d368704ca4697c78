import { stripVTControlCharacters } from 'node:util';

/** A printed run without what is another one each time: times, spans, names with a run's id, folders. Progress lines by their names. */
export const settled = (text: string): string[] =>
  stripVTControlCharacters(text)
    .split('\n')
    .map((line) =>
      line
        .replace(/^\d\d:\d\d:\d\d (.*?) \.+ done \(.*\)$/, '$1')
        .replace(/^( {2}Took +).* of simulated time/, '$1… of simulated time')
        .replace(/\d{8}-\d{4}-[0-9a-f]{8}/, 'run')
        .replace(/^( {2}(?:Report|Everything) +).*/, '$1…'),
    )
    .filter((line) => line !== '');
