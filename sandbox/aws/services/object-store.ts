import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { AwsError } from '../operation.ts';

/** What S3 keeps of an object beside its bytes. */
export interface ObjectAttributes {
  contentType: string;
  metadata: Record<string, string>;
  lastModified: Date;
  versionId: string;
}

export interface StoredObject extends ObjectAttributes {
  bytes: Buffer;
  /** MD5 in quotes, as S3 writes it for an object put in one piece. */
  etag: string;
}

/** Longest key, in bytes of UTF-8: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const LONGEST_KEY = 1_024;

/** Errors of the file system that mean "there is no such object": the path, or a part of it, is something else. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

/**
 * A versioned bucket whose current objects are plain files under one directory, so that a person can open the
 * evidence; earlier versions are kept in memory, out of the visible tree. Files that were there before are objects too.
 */
export class ObjectStore {
  readonly #root: string;
  readonly #attributes = new Map<string, ObjectAttributes & { etag: string }>();
  readonly #earlier = new Map<string, StoredObject[]>();

  constructor(directory: string) {
    this.#root = resolve(directory);
    mkdirSync(this.#root, { recursive: true });
  }

  /** The current version, or undefined. */
  get(key: string): StoredObject | undefined {
    const path = this.#pathOf(key);
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
    const etag = etagOf(bytes);
    const known = this.#attributes.get(key);
    if (known?.etag === etag) return { ...known, bytes };
    // Not put through us: from an earlier rehearsal, or edited by hand.
    return {
      bytes,
      etag,
      contentType: 'binary/octet-stream',
      metadata: {},
      lastModified: statSync(path).mtime,
      versionId: 'null',
    };
  }

  /** An earlier or the current version, or undefined. */
  getVersion(key: string, versionId: string): StoredObject | undefined {
    const current = this.get(key);
    if (current?.versionId === versionId) return current;
    return this.#earlier.get(key)?.find((version) => version.versionId === versionId);
  }

  put(key: string, bytes: Buffer, attributes: Omit<ObjectAttributes, 'versionId'>): StoredObject {
    const path = this.#pathOf(key);
    this.#keepCurrent(key);
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
    } catch (error) {
      if (error instanceof Error && /EEXIST|ENOTDIR|EISDIR/.test(error.message)) {
        throw unsupportedKey(key, 'one object is the folder of another');
      }
      throw error;
    }
    const stored = { ...attributes, etag: etagOf(bytes), versionId: randomUUID().replaceAll('-', '') };
    this.#attributes.set(key, stored);
    return { ...stored, bytes };
  }

  /** Puts a delete marker on top; answers its version id. Deleting what is not there does so too, as in S3. */
  delete(key: string): string {
    const path = this.#pathOf(key);
    if (this.get(key) !== undefined) {
      this.#keepCurrent(key);
      this.#attributes.delete(key);
      rmSync(path);
      this.#removeEmptyFolders(dirname(path));
    }
    return randomUUID().replaceAll('-', '');
  }

  /** All keys, in the order of their UTF-8 bytes, as S3 lists them. */
  keys(): string[] {
    return readdirSync(this.#root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(this.#root.length + 1)
          .replaceAll(sep, '/'),
      )
      .sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  }

  #keepCurrent(key: string): void {
    const current = this.get(key);
    if (current === undefined) return;
    const earlier = this.#earlier.get(key) ?? [];
    earlier.push(current);
    this.#earlier.set(key, earlier);
  }

  #removeEmptyFolders(folder: string): void {
    for (let current = folder; current !== this.#root; current = dirname(current)) {
      if (readdirSync(current).length > 0) return;
      rmdirSync(current);
    }
  }

  /** @throws AwsError for a key that would leave the directory, or that no file can have. */
  #pathOf(key: string): string {
    if (Buffer.byteLength(key) > LONGEST_KEY) {
      throw new AwsError('KeyTooLongError', 'Your key is too long');
    }
    const segments = key.split('/');
    if (key.includes('\0') || segments.some((segment) => ['', '.', '..'].includes(segment))) {
      throw unsupportedKey(key, 'it has an empty part, "." or ".."');
    }
    const path = resolve(this.#root, ...segments);
    if (!path.startsWith(this.#root + sep)) throw unsupportedKey(key, 'it leaves the bucket');
    return path;
  }
}

function etagOf(bytes: Buffer): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ABSENT.has(String(error.code));
}

function unsupportedKey(key: string, reason: string): AwsError {
  return new AwsError(
    'InvalidArgument',
    `the key ${JSON.stringify(key)} cannot be a file: ${reason}; the sandbox keeps objects as files`,
  );
}
