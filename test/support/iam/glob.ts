/**
 * Whether some text matches both patterns. `*` is any text, `?` any one character; in the second pattern also `\u0001`, any text without `:` and `/`, for
 * what AWS's table of ARNs leaves open.
 */
export const OPEN_PART = '\u0001';

export function canBoth(pattern: string, other: string): boolean {
  const known = new Map<number, boolean>();
  const at = (i: number, j: number): boolean => {
    const key = i * (other.length + 1) + j;
    const before = known.get(key);
    if (before !== undefined) return before;
    known.set(key, false);
    const found = look(i, j);
    known.set(key, found);
    return found;
  };
  const look = (i: number, j: number): boolean => {
    const [one, two] = [pattern[i], other[j]];
    if (one === undefined && two === undefined) return true;
    if (one === '*' && at(i + 1, j)) return true;
    if ((two === '*' || two === OPEN_PART) && at(i, j + 1)) return true;
    if (one === undefined || two === undefined) return false;
    if (one === '*') return two === '*' || two === OPEN_PART ? at(i + 1, j + 1) : at(i, j + 1);
    if (two === '*') return at(i + 1, j);
    if (two === OPEN_PART) return one !== ':' && one !== '/' && at(i + 1, j);
    return (one === two || one === '?' || two === '?') && at(i + 1, j + 1);
  };
  return at(0, 0);
}
