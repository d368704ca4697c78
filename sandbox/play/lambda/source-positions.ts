import { existsSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { pathToFileURL } from 'node:url';

/** A place in a line of a stack: file, line and column. */
const PLACE = /(file:\/\/[^\s()]+):(\d+):(\d+)/;

/**
 * The lines of a stack with the places of a bundle as those of its sources, as `--enable-source-maps` has them.
 *
 * @param bundle - absolute path of the bundle; its source map lies beside it. Without one, the lines stay as they are.
 */
export function inSources(lines: string[], bundle: string): string[] {
  const url = pathToFileURL(bundle).href;
  const mapFile = `${bundle}.map`;
  if (!lines.some((line) => line.includes(url)) || !existsSync(mapFile)) return lines;
  const map = new SourceMap(JSON.parse(readFileSync(mapFile, 'utf8')) as SourceMapPayload);
  return lines.map((line) =>
    line.replace(PLACE, (place, file: string, row: string, column: string) => {
      if (file !== url) return place;
      const origin = map.findOrigin(Number(row), Number(column));
      return 'fileName' in origin ? `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}` : place;
    }),
  );
}
