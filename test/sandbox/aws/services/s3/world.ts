import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetObjectCommand,
  type GetObjectCommandInput,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Endpoint } from '../../../../../sandbox/aws/endpoint.ts';
import { createBucket } from '../../../../../sandbox/aws/services/s3.ts';
import { clientOptions, startWorld } from '../../protocol/world.ts';

/** The bucket's name, as commands call it. */
export const Bucket = 'evidence';

/** As S3 says it of an object that was put at once. */
export const etagOf = (body: string): string => `"${createHash('md5').update(body).digest('hex')}"`;

/** An empty bucket of the sandbox for one test, and a client to it. */
export class BucketWorld {
  /** Folder that the bucket's own folder is in. */
  readonly root: string;
  /** Folder of the objects. */
  readonly directory: string;
  readonly endpoint: Endpoint;
  readonly s3: S3Client;
  readonly #may: { list: boolean };

  private constructor(root: string, endpoint: Endpoint, may: { list: boolean }) {
    this.root = root;
    this.directory = join(root, Bucket);
    this.endpoint = endpoint;
    this.s3 = new S3Client(clientOptions(endpoint.url));
    this.#may = may;
  }

  static async start(): Promise<BucketWorld> {
    const root = mkdtempSync(join(tmpdir(), 'bucket-'));
    const may = { list: true };
    const s3 = createBucket(join(root, Bucket), Bucket, { mayList: () => may.list });
    const { endpoint } = await startWorld({ s3 });
    return new BucketWorld(root, endpoint, may);
  }

  async stop(): Promise<void> {
    await this.endpoint.close();
    rmSync(this.root, { recursive: true });
  }

  /** From now on, the caller may not list the bucket. */
  forbidListing(): void {
    this.#may.list = false;
  }

  put(Key: string, Body: string | Uint8Array = 'x', more: Partial<PutObjectCommandInput> = {}) {
    return this.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  }

  /** An object's bytes as text. */
  async text(Key: string, more: Partial<GetObjectCommandInput> = {}): Promise<string | undefined> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
    return await Body?.transformToString();
  }
}
