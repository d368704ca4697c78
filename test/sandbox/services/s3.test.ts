import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchBucket,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Endpoint } from '../../../sandbox/endpoint.ts';
import { createBucket } from '../../../sandbox/services/s3.ts';
import { clientOptions, NOON, rawRequest, startWorld } from '../protocol/world.ts';

const Bucket = 'evidence';

let root: string;
let directory: string;
let endpoint: Endpoint;
let s3: S3Client;
let mayList = true;

beforeEach(async () => {
  mayList = true;
  root = mkdtempSync(join(tmpdir(), 'bucket-'));
  directory = join(root, 'evidence');
  const world = await startWorld({ s3: createBucket(directory, Bucket, { mayList: () => mayList }) });
  endpoint = world.endpoint;
  s3 = new S3Client(clientOptions(endpoint.url));
});
afterEach(async () => {
  await endpoint.close();
  rmSync(root, { recursive: true });
});

const put = (Key: string, Body: string | Uint8Array = 'x', more = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const text = async (Key: string, more = {}) => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return await Body?.transformToString();
};
const md5 = (body: string) => `"${createHash('md5').update(body).digest('hex')}"`;

describe('objects', () => {
  test('are plain files, their key the relative path, and come back as they were put', async () => {
    const stored = await put('runs/crm/1/plan.json', '{"ok":true}\n', {
      ContentType: 'application/json',
      Metadata: { run: '1' },
    });

    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'runs/crm/1/plan.json' }));

    expect(readFileSync(join(directory, 'runs/crm/1/plan.json'), 'utf8')).toBe('{"ok":true}\n');
    expect(stored.ETag).toBe(md5('{"ok":true}\n'));
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
    await put('key', Buffer.from(body));
    expect(await text('key')).toBe(body);
  });

  test('any bytes under any sane key survive', async () => {
    const segment = fc.stringMatching(/^[a-z0-9 +%&=客'()-]{1,12}$/).filter((part) => part.trim() === part);
    const keys = fc
      .array(segment, { minLength: 1, maxLength: 3 })
      .map((parts) => `p/${parts.join('/')}/file`);
    await fc.assert(
      fc.asyncProperty(keys, fc.uint8Array({ maxLength: 200 }), async (Key, Body) => {
        await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
        const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
        expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(Buffer.from(Body));
      }),
      { numRuns: 30 },
    );
  });

  test('a stream of unknown pieces arrives whole: aws-chunked with a checksum behind it', async () => {
    const pieces = ['first ', 'second ', 'third'];
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'stream',
        Body: Readable.from(pieces.map((piece) => Buffer.from(piece))),
        ContentLength: 18,
      }),
    );
    expect(readFileSync(join(directory, 'stream'), 'utf8')).toBe(pieces.join(''));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'stream' }));
    expect(head.ContentLength).toBe(18);
  });

  test('that were there before, or were edited by hand, are objects too', async () => {
    mkdirSync(join(directory, 'durations'), { recursive: true });
    writeFileSync(join(directory, 'durations/crm'), 'old');
    utimesSync(join(directory, 'durations/crm'), NOON / 1_000 - 60, NOON / 1_000 - 60);

    const got = await s3.send(new HeadObjectCommand({ Bucket, Key: 'durations/crm' }));

    expect(got).toMatchObject({ ETag: md5('old'), LastModified: new Date(NOON - 60_000), VersionId: 'null' });
  });

  test('keep their earlier versions out of the visible tree', async () => {
    const first = await put('key', 'one');
    await put('key', 'two');
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));

    await expect(text('key')).rejects.toBeInstanceOf(NoSuchKey);
    expect(await text('key', { VersionId: first.VersionId })).toBe('one');
    await expect(text('key', { VersionId: 'nope' })).rejects.toMatchObject({ name: 'NoSuchVersion' });
    expect(existsSync(join(directory, 'key'))).toBe(false);
  });

  test('that are missing are NoSuchKey, or without their bytes NotFound', async () => {
    await expect(text('missing')).rejects.toBeInstanceOf(NoSuchKey);
    await expect(text('missing/deeper')).rejects.toBeInstanceOf(NoSuchKey);
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'missing' }))).rejects.toBeInstanceOf(NotFound);
  });

  test('that are missing are AccessDenied to who may not list the bucket', async () => {
    mayList = false;
    await expect(text('missing')).rejects.toMatchObject({
      name: 'AccessDenied',
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('of another bucket are not there', async () => {
    const get = s3.send(new GetObjectCommand({ Bucket: 'other', Key: 'key' }));
    await expect(get).rejects.toBeInstanceOf(NoSuchBucket);
  });

  test('are read with If-Match and If-None-Match', async () => {
    const { ETag } = await put('key');
    expect(await text('key', { IfMatch: ETag })).toBe('x');
    await expect(text('key', { IfMatch: '"0"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(text('key', { IfNoneMatch: ETag })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
  });
});

describe('keys that are no file are refused', () => {
  test.each(['/bucket-outside', 'a//b', 'a/', '../escape', 'a/../../escape', 'a/./b', 'x'.repeat(1_025)])(
    '%j',
    async (key) => {
      const path = `/${Bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
      const { status, text: answered } = await rawRequest(endpoint.url, 's3', {
        method: 'PUT',
        path,
        body: 'x',
      });

      expect(status).toBe(400);
      expect(answered).toMatch(/<Code>(InvalidArgument|KeyTooLongError)<\/Code>/);
      expect(existsSync(join(root, 'escape'))).toBe(false);
    },
  );

  test('an object that is the folder of another', async () => {
    await put('locks/crm');
    await expect(put('locks/crm/deeper')).rejects.toMatchObject({ name: 'InvalidArgument' });
    await expect(put('locks')).rejects.toMatchObject({ name: 'InvalidArgument' });
    await expect(text('locks')).rejects.toBeInstanceOf(NoSuchKey);
    expect(await text('locks/crm')).toBe('x');
  });
});

describe('conditional writes', () => {
  test('If-None-Match: * writes only once', async () => {
    await put('locks/crm', 'mine', { IfNoneMatch: '*' });

    await expect(put('locks/crm', 'theirs', { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
    expect(await text('locks/crm')).toBe('mine');
  });

  test('of many at once exactly one wins', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => put('locks/crm', String(index), { IfNoneMatch: '*' })),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('If-Match writes only over what was read', async () => {
    const { ETag } = await put('locks/crm', 'one');

    const second = await put('locks/crm', 'two', { IfMatch: ETag });

    await expect(put('locks/crm', 'three', { IfMatch: ETag })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    await expect(put('locks/other', 'x', { IfMatch: ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await text('locks/crm')).toBe('two');
    expect(second.ETag).toBe(md5('two'));
  });

  test.each([{ IfNoneMatch: '"etag"' }, { IfNoneMatch: '*', IfMatch: '"etag"' }])(
    '%j is not implemented by S3',
    async (conditions) => {
      await expect(put('key', 'x', conditions)).rejects.toMatchObject({ name: 'NotImplemented' });
    },
  );

  test('a delete with If-Match removes only what was read, and leaves no empty folder', async () => {
    const { ETag } = await put('locks/crm', 'one');
    const remove = (IfMatch?: string) =>
      s3.send(
        new DeleteObjectCommand({ Bucket, Key: 'locks/crm', ...(IfMatch === undefined ? {} : { IfMatch }) }),
      );

    await expect(remove('"0"')).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(existsSync(join(directory, 'locks/crm'))).toBe(true);
    expect(await remove(ETag)).toMatchObject({ DeleteMarker: true });
    expect(existsSync(join(directory, 'locks'))).toBe(false);
    await expect(remove(ETag)).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(remove('*')).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await remove()).toMatchObject({ DeleteMarker: true });
  });
});

describe('checksums', () => {
  const chunked = (data: string, trailer: string) =>
    `${data.length.toString(16)}\r\n${data}\r\n0\r\n${trailer}\r\n\r\n`;
  const headers = (decoded: number) => ({
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': String(decoded),
    'x-amz-trailer': 'x-amz-checksum-crc32',
  });

  // CRC-32 of "123456789" is cbf43926: the check value every catalogue of CRCs gives.
  test.each([
    ['a right trailer', chunked('123456789', 'x-amz-checksum-crc32:y/Q5Jg=='), headers(9), 200, ''],
    ['a wrong trailer', chunked('123456789', 'x-amz-checksum-crc32:AAAAAA=='), headers(9), 400, 'BadDigest'],
    [
      'a wrong length',
      chunked('123456789', 'x-amz-checksum-crc32:y/Q5Jg=='),
      headers(8),
      400,
      'IncompleteBody',
    ],
    ['a chunk cut short', '9\r\n1234', headers(9), 400, 'IncompleteBody'],
    ['no chunks at all', '123456789', headers(9), 400, 'IncompleteBody'],
    ['a wrong header', '123456789', { 'x-amz-checksum-crc32': 'AAAAAA==' }, 400, 'BadDigest'],
    ['a wrong MD5', '123456789', { 'content-md5': 'AAAAAA==' }, 400, 'BadDigest'],
    ['one nobody can verify', '1', { 'x-amz-checksum-crc64nvme': 'AAAA' }, 501, 'NotImplemented'],
  ])('%s', async (_, body, sent, status, code) => {
    const answered = await rawRequest(endpoint.url, 's3', {
      method: 'PUT',
      path: `/${Bucket}/key`,
      headers: sent,
      body,
    });
    expect(answered.status).toBe(status);
    expect(answered.text).toContain(code);
    expect(existsSync(join(directory, 'key'))).toBe(status === 200);
    if (status === 200) expect(readFileSync(join(directory, 'key'), 'utf8')).toBe('123456789');
  });
});

describe('listing', () => {
  const keys = [
    'a',
    'a/b'.replace('/', '-'),
    'runs/crm/1/plan.json',
    'runs/crm/2/plan.json',
    'runs/erp/1/plan.json',
    'z',
  ];
  const list = async (more = {}) => {
    const found: string[] = [];
    for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket, ...more })) {
      found.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => `${Prefix}*`));
      found.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
    }
    return found;
  };

  test('an empty bucket has no keys', async () => {
    const page = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(page).toMatchObject({ KeyCount: 0, IsTruncated: false, Name: Bucket });
    expect(page.Contents ?? []).toEqual([]);
  });

  test('all keys in order, with size and ETag', async () => {
    for (const key of [...keys].reverse()) await put(key, key);
    const page = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(page.Contents?.map(({ Key }) => Key)).toEqual(keys);
    expect(page.Contents?.[0]).toMatchObject({ Size: 1, ETag: md5('a'), LastModified: new Date(NOON) });
  });

  test.each([
    [{ MaxKeys: 1 }, keys],
    [{ MaxKeys: 2 }, keys],
    [{ Prefix: 'runs/crm/' }, keys.slice(2, 4)],
    [{ Prefix: 'runs/crm/', MaxKeys: 1 }, keys.slice(2, 4)],
    [{ Delimiter: '/', MaxKeys: 10 }, ['runs/*', 'a', 'a-b', 'z']],
    [{ Prefix: 'runs/', Delimiter: '/', MaxKeys: 1 }, ['runs/crm/*', 'runs/erp/*']],
    [{ StartAfter: 'runs/crm/2/plan.json' }, ['runs/erp/1/plan.json', 'z']],
    [{ Prefix: 'nothing' }, []],
  ])('%j', async (options, expected) => {
    for (const key of keys) await put(key);
    expect(await list(options)).toEqual(expected);
  });

  test('a wrong token is refused', async () => {
    const listed = s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: '!' }));
    await expect(listed).rejects.toMatchObject({ name: 'InvalidArgument' });
  });
});

test('what the bucket does not play is refused and reported', async () => {
  await expect(s3.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 501 },
  });
  expect(endpoint.defects.map(({ message }) => message)).toEqual([
    's3 HeadBucket: called by operator, and the sandbox does not play it',
  ]);
});

test.each([
  ['PutObject', { Bucket, Key: 'k' }, ['s3:PutObject'], 'arn:aws-cn:s3:::evidence/k'],
  [
    'PutObject',
    { Bucket, Key: 'k', IfMatch: 'e' },
    ['s3:PutObject', 's3:GetObject'],
    'arn:aws-cn:s3:::evidence/k',
  ],
  ['GetObject', { Bucket, Key: 'k' }, ['s3:GetObject'], 'arn:aws-cn:s3:::evidence/k'],
  ['GetObject', { Bucket, Key: 'k', VersionId: 'v' }, ['s3:GetObjectVersion'], 'arn:aws-cn:s3:::evidence/k'],
  ['HeadObject', { Bucket, Key: 'k' }, ['s3:GetObject'], 'arn:aws-cn:s3:::evidence/k'],
  ['DeleteObject', { Bucket, Key: 'k' }, ['s3:DeleteObject'], 'arn:aws-cn:s3:::evidence/k'],
  ['ListObjectsV2', { Bucket }, ['s3:ListBucket'], 'arn:aws-cn:s3:::evidence'],
])('%s %j wants %j', (name, input, actions, resource) => {
  const operation = createBucket(directory, Bucket, { partition: 'aws-cn' })[name];
  expect(operation?.actions?.(input)).toEqual(actions);
  expect(operation?.resources(input)).toEqual([resource]);
});
