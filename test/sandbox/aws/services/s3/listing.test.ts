import { ListObjectsV2Command, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NOON } from '../../protocol/world.ts';
import { Bucket, BucketWorld, etagOf } from './world.ts';

let world: BucketWorld;

beforeEach(async () => {
  world = await BucketWorld.start();
});
afterEach(() => world.stop());

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
    for await (const page of paginateListObjectsV2({ client: world.s3 }, { Bucket, ...more })) {
      found.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => `${Prefix}*`));
      found.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
    }
    return found;
  };

  test('an empty bucket has no keys', async () => {
    const page = await world.s3.send(new ListObjectsV2Command({ Bucket }));
    expect(page).toMatchObject({ KeyCount: 0, IsTruncated: false, Name: Bucket });
    expect(page.Contents ?? []).toEqual([]);
  });

  test('all keys in order, with size and ETag', async () => {
    for (const key of [...keys].reverse()) await world.put(key, key);
    const page = await world.s3.send(new ListObjectsV2Command({ Bucket }));
    expect(page.Contents?.map(({ Key }) => Key)).toEqual(keys);
    expect(page.Contents?.[0]).toMatchObject({ Size: 1, ETag: etagOf('a'), LastModified: new Date(NOON) });
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
    for (const key of keys) await world.put(key);
    expect(await list(options)).toEqual(expected);
  });

  test('a wrong token is refused', async () => {
    const listed = world.s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: '!' }));
    await expect(listed).rejects.toMatchObject({ name: 'InvalidArgument' });
  });
});
