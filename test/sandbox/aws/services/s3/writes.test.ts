import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rawRequest } from '../../protocol/world.ts';
import { Bucket, BucketWorld, etagOf } from './world.ts';

let world: BucketWorld;

beforeEach(async () => {
  world = await BucketWorld.start();
});
afterEach(() => world.stop());

describe('conditional writes', () => {
  test('If-None-Match: * writes only once', async () => {
    await world.put('locks/crm', 'mine', { IfNoneMatch: '*' });

    await expect(world.put('locks/crm', 'theirs', { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
    expect(await world.text('locks/crm')).toBe('mine');
  });

  test('of many at once exactly one wins', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => world.put('locks/crm', String(index), { IfNoneMatch: '*' })),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('If-Match writes only over what was read', async () => {
    const { ETag } = await world.put('locks/crm', 'one');

    const second = await world.put('locks/crm', 'two', { IfMatch: ETag });

    await expect(world.put('locks/crm', 'three', { IfMatch: ETag })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    await expect(world.put('locks/other', 'x', { IfMatch: ETag })).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
    expect(await world.text('locks/crm')).toBe('two');
    expect(second.ETag).toBe(etagOf('two'));
  });

  test.each([{ IfNoneMatch: '"etag"' }, { IfNoneMatch: '*', IfMatch: '"etag"' }])(
    '%j is not implemented by S3',
    async (conditions) => {
      await expect(world.put('key', 'x', conditions)).rejects.toMatchObject({ name: 'NotImplemented' });
    },
  );

  test('a delete with If-Match removes only what was read, and leaves no empty folder', async () => {
    const { ETag } = await world.put('locks/crm', 'one');
    const remove = (IfMatch?: string) =>
      world.s3.send(
        new DeleteObjectCommand({ Bucket, Key: 'locks/crm', ...(IfMatch === undefined ? {} : { IfMatch }) }),
      );

    await expect(remove('"0"')).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(existsSync(join(world.directory, 'locks/crm'))).toBe(true);
    expect(await remove(ETag)).toMatchObject({ DeleteMarker: true });
    expect(existsSync(join(world.directory, 'locks'))).toBe(false);
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
    const answered = await rawRequest(world.endpoint.url, 's3', {
      method: 'PUT',
      path: `/${Bucket}/key`,
      headers: sent,
      body,
    });
    expect(answered.status).toBe(status);
    expect(answered.text).toContain(code);
    expect(existsSync(join(world.directory, 'key'))).toBe(status === 200);
    if (status === 200) expect(readFileSync(join(world.directory, 'key'), 'utf8')).toBe('123456789');
  });
});
