import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBucket } from '../../../../../sandbox/aws/services/s3.ts';
import { Bucket, BucketWorld } from './world.ts';

let world: BucketWorld;

beforeEach(async () => {
  world = await BucketWorld.start();
});
afterEach(() => world.stop());

test('what the bucket does not play is refused and reported', async () => {
  await expect(world.s3.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 501 },
  });
  expect(world.endpoint.defects.map(({ message }) => message)).toEqual([
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
  const operation = createBucket(world.directory, Bucket, { partition: 'aws-cn' })[name];
  expect(operation?.actions?.(input)).toEqual(actions);
  expect(operation?.resources(input)).toEqual([resource]);
});
