import { distance } from 'fastest-levenshtein';

/** Only letters and digits, so that `seed_sql`, `seedSql` and `--seed-sql` are one word. */
function bare(word: string): string {
  return word
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/**
 * The known word that a person probably meant, or undefined when none is near. Case, hyphens and underscores do not count.
 *
 * @example
 * nearestWord('databse', ['database', 'servers']) // 'database'
 */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const typed = bare(word);
  if (typed === '') return undefined;
  let best: { word: string; away: number } | undefined;
  for (const candidate of known) {
    const away = distance(typed, bare(candidate));
    if (best === undefined || away < best.away) best = { word: candidate, away };
  }
  // A third of the letters may be wrong. With more, it is another word.
  const most = Math.max(1, Math.floor(Math.max(typed.length, bare(best?.word ?? '').length) / 3));
  return best !== undefined && best.away <= most ? best.word : undefined;
}

/** `; did you mean "database"?`, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const nearest = nearestWord(word, known);
  return nearest === undefined ? '' : `; did you mean "${nearest}"?`;
}
