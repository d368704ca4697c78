import type {
  DeleteObjectCommandInput,
  DeleteObjectCommandOutput,
  GetObjectCommandInput,
  GetObjectCommandOutput,
  HeadObjectCommandInput,
  HeadObjectCommandOutput,
  ListObjectsV2CommandInput,
  ListObjectsV2CommandOutput,
  PutObjectCommandInput,
  PutObjectCommandOutput,
} from '@aws-sdk/client-s3';
import { defined } from '../../../functions/contract/defined.ts';
import { AwsError, type Caller, type Operation, type ServiceOperations } from '../operation.ts';
import { crc32Checksum } from '../protocol/aws-chunked.ts';
import { ObjectStore, type StoredObject } from './object-store.ts';
import { listObjects } from './s3-listing.ts';

interface Options {
  /** Default `aws`. */
  partition?: string;
  /**
   * Whether a caller may list the bucket: S3 tells nobody else that a key is missing, it answers AccessDenied
   * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html). Default: everyone may.
   */
  mayList?: (caller: Caller, bucketArn: string) => boolean;
}

type Answer<Output> = Omit<Output, '$metadata'>;
type Body = Uint8Array;

/**
 * One versioned bucket whose objects lie as plain files under `directory`: the key is the relative path.
 * Conditional writes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 *
 * @example
 * startEndpoint({ services: { s3: createBucket(join(out, 'evidence'), deployment.bucket) }, … })
 */
export function createBucket(
  directory: string,
  bucketName: string,
  { partition = 'aws', mayList = () => true }: Options = {},
): ServiceOperations {
  const store = new ObjectStore(directory);
  const bucketArn = (bucket = bucketName) => `arn:${partition}:s3:::${bucket}`;
  const object = ({ Bucket, Key }: { Bucket?: string | undefined; Key?: string | undefined }) => [
    `${bucketArn(Bucket)}/${Key ?? ''}`,
  ];
  const ownBucket = (bucket: string | undefined) => {
    if (bucket !== bucketName) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
  };
  const missing = (caller: Caller, code: 'NoSuchKey' | 'NotFound') =>
    mayList(caller, bucketArn())
      ? new AwsError(code, 'The specified key does not exist.', 404)
      : new AwsError('AccessDenied', 'Access Denied', 403);

  const putObject: Operation<PutObjectCommandInput, Answer<PutObjectCommandOutput>> = {
    resources: object,
    // A comparison with the present ETag reads the object, and wants the permission to.
    actions: ({ IfMatch }) => ['s3:PutObject', ...(IfMatch === undefined ? [] : ['s3:GetObject'])],
    run: (input, { clock }) => {
      ownBucket(input.Bucket);
      const key = input.Key ?? '';
      checkWriteConditions(input, store.get(key));
      const bytes = Buffer.from((input.Body as Body | undefined) ?? new Uint8Array());
      const stored = store.put(key, bytes, {
        contentType: input.ContentType ?? 'binary/octet-stream',
        metadata: input.Metadata ?? {},
        lastModified: new Date(clock.now()),
      });
      return {
        ETag: stored.etag,
        VersionId: stored.versionId,
        ServerSideEncryption: 'AES256',
        ...defined({ ChecksumCRC32: input.ChecksumCRC32, ChecksumSHA256: input.ChecksumSHA256 }),
      };
    },
  };

  const read = (input: GetObjectCommandInput | HeadObjectCommandInput, absent: AwsError): StoredObject => {
    ownBucket(input.Bucket);
    if (input.Range !== undefined || input.PartNumber !== undefined) {
      throw new AwsError('NotImplemented', 'the sandbox reads whole objects only', 501);
    }
    const key = input.Key ?? '';
    if (input.VersionId !== undefined) {
      const version = store.getVersion(key, input.VersionId);
      if (version === undefined) {
        throw new AwsError('NoSuchVersion', 'The specified version does not exist.', 404);
      }
      return version;
    }
    const current = store.get(key);
    if (current === undefined) throw absent;
    if (input.IfMatch !== undefined && !etagMatches(input.IfMatch, current)) throw preconditionFailed();
    if (input.IfNoneMatch !== undefined && etagMatches(input.IfNoneMatch, current)) {
      throw new AwsError('NotModified', 'Not Modified', 304);
    }
    return current;
  };
  const readActions = ({ VersionId }: { VersionId?: string | undefined }) => [
    VersionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion',
  ];

  const getObject: Operation<
    GetObjectCommandInput,
    Omit<Answer<GetObjectCommandOutput>, 'Body'> & { Body: Body }
  > = {
    resources: object,
    actions: readActions,
    run: (input, { caller }) => {
      const stored = read(input, missing(caller, 'NoSuchKey'));
      return { ...describe(stored, input.ChecksumMode), Body: stored.bytes };
    },
  };

  const headObject: Operation<HeadObjectCommandInput, Answer<HeadObjectCommandOutput>> = {
    resources: object,
    actions: readActions,
    run: (input, { caller }) => describe(read(input, missing(caller, 'NotFound')), input.ChecksumMode),
  };

  const deleteObject: Operation<DeleteObjectCommandInput, Answer<DeleteObjectCommandOutput>> = {
    resources: object,
    actions: ({ IfMatch }) => ['s3:DeleteObject', ...(IfMatch === undefined ? [] : ['s3:GetObject'])],
    run: (input) => {
      ownBucket(input.Bucket);
      if (input.VersionId !== undefined) {
        throw new AwsError('NotImplemented', 'the sandbox deletes no single versions', 501);
      }
      const key = input.Key ?? '';
      checkDeleteCondition(input.IfMatch, store.get(key));
      return { DeleteMarker: true, VersionId: store.delete(key) };
    },
  };

  const listObjectsV2: Operation<ListObjectsV2CommandInput, Answer<ListObjectsV2CommandOutput>> = {
    resources: ({ Bucket }) => [bucketArn(Bucket)],
    actions: () => ['s3:ListBucket'],
    run: (input) => {
      ownBucket(input.Bucket);
      return listObjects(store, input);
    },
  };

  return {
    PutObject: putObject,
    GetObject: getObject,
    HeadObject: headObject,
    DeleteObject: deleteObject,
    ListObjectsV2: listObjectsV2,
  };
}

function describe(stored: StoredObject, checksumMode: string | undefined) {
  return {
    AcceptRanges: 'bytes',
    ContentLength: stored.bytes.length,
    ContentType: stored.contentType,
    ETag: stored.etag,
    LastModified: stored.lastModified,
    VersionId: stored.versionId,
    Metadata: stored.metadata,
    ServerSideEncryption: 'AES256' as const,
    ...(checksumMode === 'ENABLED'
      ? { ChecksumCRC32: crc32Checksum(stored.bytes), ChecksumType: 'FULL_OBJECT' as const }
      : {}),
  };
}

function checkWriteConditions(
  { IfMatch, IfNoneMatch }: PutObjectCommandInput,
  current: StoredObject | undefined,
): void {
  if (
    (IfNoneMatch !== undefined && IfNoneMatch !== '*') ||
    (IfMatch !== undefined && IfNoneMatch !== undefined)
  ) {
    throw new AwsError(
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
      501,
    );
  }
  if (IfNoneMatch === '*' && current !== undefined) throw preconditionFailed();
  if (IfMatch === undefined) return;
  if (current === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  if (!etagMatches(IfMatch, current)) throw preconditionFailed();
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html */
function checkDeleteCondition(ifMatch: string | undefined, current: StoredObject | undefined): void {
  if (ifMatch === undefined) return;
  if (current === undefined) {
    throw ifMatch === '*'
      ? preconditionFailed()
      : new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  }
  if (!etagMatches(ifMatch, current)) throw preconditionFailed();
}

/** ETags are compared without their quotes: clients send them with and without. */
function etagMatches(wanted: string, { etag }: StoredObject): boolean {
  const bare = (text: string) => text.trim().replace(/^"|"$/g, '');
  return wanted.trim() === '*' || bare(wanted) === bare(etag);
}

function preconditionFailed(): AwsError {
  return new AwsError(
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    412,
  );
}
