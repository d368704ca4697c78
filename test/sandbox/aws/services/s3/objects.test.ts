import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchBucket,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NOON, rawRequest } from '../../protocol/world.ts';
import { Bucket, BucketWorld, etagOf } from './world.ts';

let world: BucketWorld;

beforeEach(async () => {
  world = await BucketWorld.start();
});
afterEach(() => world.stop());

describe('objects', () => {
  test('are plain files, their key the relative path, and come back as they were put', async () => {
    const stored = await world.put('runs/crm/1/plan.json', '{"ok":true}\n', {
      ContentType: 'application/json',
      Metadata: { run: '1' },
    });

    const got = await world.s3.send(new GetObjectCommand({ Bucket, Key: 'runs/crm/1/plan.json' }));

    expect(readFileSync(join(world.directory, 'runs/crm/1/plan.json'), 'utf8')).toBe('{"ok":true}\n');
    expect(stored.ETag).toBe(etagOf('{"ok":true}\n'));
    expect(got).toMatchObject({
      ETag: stored.ETag,
      VersionId: stored.VersionId,
      ContentType: 'application/json',
      ContentLength: 12,
      Metadata: { run: '1' },
      LastModified: new Date(NOON),
    });
    expect(await got.Body?.transformToString()).toBe('{"ok":true}\n');
  });

  test.each([
    ['an empty body', ''],
    ['text of many bytes a letter', '客户 ✓'],
    ['a large one', 'a'.repeat(300_000)],
  ])('%s survives', async (_, body) => {
    await world.put('key', Buffer.from(body));
    expect(await world.text('key')).toBe(body);
  });

  test('any bytes under any sane key survive', async () => {
    const segment = fc.stringMatching(/^[a-z0-9 +%&=客'()-]{1,12}$/).filter((part) => part.trim() === part);
    const keys = fc
      .array(segment, { minLength: 1, maxLength: 3 })
      .map((parts) => `p/${parts.join('/')}/file`);
    await fc.assert(
      fc.asyncProperty(keys, fc.uint8Array({ maxLength: 200 }), async (Key, Body) => {
        await world.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
        const got = await world.s3.send(new GetObjectCommand({ Bucket, Key }));
        expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(Buffer.from(Body));
      }),
      { numRuns: 30 },
    );
  });

  test('a stream of unknown pieces arrives whole: aws-chunked with a checksum behind it', async () => {
    const pieces = ['first ', 'second ', 'third'];
    await world.s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'stream',
        Body: Readable.from(pieces.map((piece) => Buffer.from(piece))),
        ContentLength: 18,
      }),
    );
    expect(readFileSync(join(world.directory, 'stream'), 'utf8')).toBe(pieces.join(''));
    const head = await world.s3.send(new HeadObjectCommand({ Bucket, Key: 'stream' }));
    expect(head.ContentLength).toBe(18);
  });

  test('that were there before, or were edited by hand, are objects too', async () => {
    mkdirSync(join(world.directory, 'durations'), { recursive: true });
    writeFileSync(join(world.directory, 'durations/crm'), 'old');
    utimesSync(join(world.directory, 'durations/crm'), NOON / 1_000 - 60, NOON / 1_000 - 60);

    const got = await world.s3.send(new HeadObjectCommand({ Bucket, Key: 'durations/crm' }));

    expect(got).toMatchObject({
      ETag: etagOf('old'),
      LastModified: new Date(NOON - 60_000),
      VersionId: 'null',
    });
  });

  test('keep their earlier versions out of the visible tree', async () => {
    const first = await world.put('key', 'one');
    await world.put('key', 'two');
    await world.s3.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));

    await expect(world.text('key')).rejects.toBeInstanceOf(NoSuchKey);
    expect(await world.text('key', { VersionId: first.VersionId })).toBe('one');
    await expect(world.text('key', { VersionId: 'nope' })).rejects.toMatchObject({ name: 'NoSuchVersion' });
    expect(existsSync(join(world.directory, 'key'))).toBe(false);
  });

  test('that are missing are NoSuchKey, or without their bytes NotFound', async () => {
    await expect(world.text('missing')).rejects.toBeInstanceOf(NoSuchKey);
    await expect(world.text('missing/deeper')).rejects.toBeInstanceOf(NoSuchKey);
    await expect(world.s3.send(new HeadObjectCommand({ Bucket, Key: 'missing' }))).rejects.toBeInstanceOf(
      NotFound,
    );
  });

  test('that are missing are AccessDenied to who may not list the bucket', async () => {
    world.forbidListing();
    await expect(world.text('missing')).rejects.toMatchObject({
      name: 'AccessDenied',
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('of another bucket are not there', async () => {
    const get = world.s3.send(new GetObjectCommand({ Bucket: 'other', Key: 'key' }));
    await expect(get).rejects.toBeInstanceOf(NoSuchBucket);
  });

  test('are read with If-Match and If-None-Match', async () => {
    const { ETag } = await world.put('key');
    expect(await world.text('key', { IfMatch: ETag })).toBe('x');
    await expect(world.text('key', { IfMatch: '"0"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(world.text('key', { IfNoneMatch: ETag })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
  });
});

describe('keys that are no file are refused', () => {
  test.each(['/bucket-outside', 'a//b', 'a/', '../escape', 'a/../../escape', 'a/./b', 'x'.repeat(1_025)])(
    '%j',
    async (key) => {
      const path = `/${Bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
      const { status, text: answered } = await rawRequest(world.endpoint.url, 's3', {
        method: 'PUT',
        path,
        body: 'x',
      });

      expect(status).toBe(400);
      expect(answered).toMatch(/<Code>(InvalidArgument|KeyTooLongError)<\/Code>/);
      expect(existsSync(join(world.root, 'escape'))).toBe(false);
    },
  );

  test('an object that is the folder of another', async () => {
    await world.put('locks/crm');
    await expect(world.put('locks/crm/deeper')).rejects.toMatchObject({ name: 'InvalidArgument' });
    await expect(world.put('locks')).rejects.toMatchObject({ name: 'InvalidArgument' });
    await expect(world.text('locks')).rejects.toBeInstanceOf(NoSuchKey);
    expect(await world.text('locks/crm')).toBe('x');
  });
});
