import type { ListObjectsV2CommandInput, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { defined } from '../../../functions/contract/defined.ts';
import { AwsError } from '../operation.ts';
import type { ObjectStore } from './object-store.ts';

/** Most keys in one page: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
const PAGE = 1_000;

type Listing = Omit<ListObjectsV2CommandOutput, '$metadata'>;

/** An entry of a page: an object, or all objects below a common prefix. */
interface Entry {
  name: string;
  isPrefix: boolean;
}

/** A page of a bucket's keys. */
export function listObjects(store: ObjectStore, input: ListObjectsV2CommandInput): Listing {
  const { Prefix = '', Delimiter = '', StartAfter, ContinuationToken, EncodingType } = input;
  const maxKeys = Math.min(input.MaxKeys ?? PAGE, PAGE);
  if (maxKeys < 0)
    throw new AwsError('InvalidArgument', 'Argument maxKeys must be an integer between 0 and 2147483647');
  const after = ContinuationToken === undefined ? (StartAfter ?? '') : decodeToken(ContinuationToken);
  const entries = entriesOf(store.keys(), Prefix, Delimiter).filter(({ name }) => isAfter(name, after));
  const page = entries.slice(0, maxKeys);
  const last = page.at(-1);
  const truncated = page.length < entries.length && last !== undefined;
  const encode = (text: string) =>
    EncodingType === 'url' ? encodeURIComponent(text).replaceAll('%2F', '/') : text;
  return {
    Name: input.Bucket,
    Prefix: encode(Prefix),
    MaxKeys: maxKeys,
    KeyCount: page.length,
    IsTruncated: truncated,
    ...(Delimiter === '' ? {} : { Delimiter: encode(Delimiter) }),
    ...(StartAfter === undefined ? {} : { StartAfter: encode(StartAfter) }),
    ...defined({ EncodingType, ContinuationToken }),
    ...(truncated ? { NextContinuationToken: encodeToken(last.name) } : {}),
    Contents: page.flatMap(({ name, isPrefix }) => {
      const object = isPrefix ? undefined : store.get(name);
      if (object === undefined) return [];
      return [
        {
          Key: encode(name),
          LastModified: object.lastModified,
          ETag: object.etag,
          Size: object.bytes.length,
          StorageClass: 'STANDARD' as const,
        },
      ];
    }),
    CommonPrefixes: page.filter(({ isPrefix }) => isPrefix).map(({ name }) => ({ Prefix: encode(name) })),
  };
}

function entriesOf(keys: readonly string[], prefix: string, delimiter: string): Entry[] {
  const entries = new Map<string, Entry>();
  for (const key of keys) {
    if (!key.startsWith(prefix)) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const isPrefix = end >= 0;
    const name = isPrefix ? key.slice(0, end + delimiter.length) : key;
    entries.set(name, { name, isPrefix });
  }
  return [...entries.values()];
}

/** True when a name comes after the one a page ended with. A common prefix that was listed is not listed again. */
function isAfter(name: string, last: string): boolean {
  return Buffer.compare(Buffer.from(name), Buffer.from(last)) > 0;
}

function encodeToken(name: string): string {
  return Buffer.from(name, 'utf8').toString('base64url');
}

function decodeToken(token: string): string {
  if (!/^[\w-]+$/.test(token)) {
    throw new AwsError('InvalidArgument', 'The continuation token provided is incorrect');
  }
  return Buffer.from(token, 'base64url').toString('utf8');
}
