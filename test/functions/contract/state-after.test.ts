import { expect, expectTypeOf, it } from 'vitest';
import type {
  Announcement,
  Drained,
  ServicesResult,
  SnapshotResult,
} from '../../../functions/contract/state.ts';
import type { StateAfter } from '../../../functions/contract/state-after.ts';

type BeforeServices = StateAfter<'drain', 'drain' | 'services' | 'backup'>;

it('gives a step what has certainly happened before it', () => {
  expectTypeOf<StateAfter<'announce', 'announcement'>['announcement']>().toEqualTypeOf<Announcement>();
  expectTypeOf<BeforeServices['drain']>().toEqualTypeOf<Drained>();
  expectTypeOf<StateAfter<'snapshot', 'backup'>['backup']['snapshot']>().toEqualTypeOf<SnapshotResult>();
});

it('lets no step read what has not happened without looking', () => {
  const nothingStopped: BeforeServices = {
    drain: { done: true, waitSeconds: 0, since: '', maintenance: 'none', sessions: 0, proceeded: false },
  };

  expectTypeOf<BeforeServices['services']>().toEqualTypeOf<ServicesResult | undefined>();
  // @ts-expect-error: the services may not have been stopped yet.
  expect(() => nothingStopped.services.done).toThrow(TypeError);
  // @ts-expect-error: no branch of the backup may have answered yet.
  expect(() => nothingStopped.backup.snapshot).toThrow(TypeError);
});

it('keeps branches that may be missing optional beside one that has answered', () => {
  type Backup = StateAfter<'snapshot', 'backup'>['backup'];

  expectTypeOf<undefined>().toExtend<Backup['manifest']>();
  expectTypeOf<undefined>().not.toExtend<Backup['snapshot']>();
});
