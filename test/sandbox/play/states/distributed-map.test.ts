import { describe, expect, it } from 'vitest';
import type { StateMachineDefinition } from '../../../../sandbox/deployment.ts';
import {
  ITEMS_PATH,
  playDistributedMaps,
  READ_ITEMS,
} from '../../../../sandbox/play/states/distributed-map.ts';

const definition = (mode: 'INLINE' | 'DISTRIBUTED'): StateMachineDefinition => ({
  StartAt: 'Both',
  States: {
    Both: {
      Type: 'Parallel',
      End: true,
      Branches: [
        {
          StartAt: 'Read',
          States: {
            Read: { Type: 'Task', Resource: 'arn:read', Next: 'Done?' },
            'Done?': { Type: 'Choice', Choices: [{ Next: 'Each' }], Default: 'End' },
            Each: {
              Type: 'Map',
              ItemProcessor: {
                ProcessorConfig: { Mode: mode },
                StartAt: 'One',
                States: { One: { Type: 'Task', Resource: 'arn:one', End: true } },
              },
              ItemReader: { Parameters: { Bucket: 'evidence', 'Key.$': '$.key' } },
              ResultPath: null,
              Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Read', ResultPath: null }],
              Next: 'Read',
            },
            End: { Type: 'Succeed' },
          },
        },
      ],
    },
  },
});

describe('playDistributedMaps', () => {
  it('puts a reader of the list before a distributed Map, wherever it stands, and hides what is not of this execution', () => {
    const given = definition('DISTRIBUTED');
    const { definition: played, childStates, isElsewhere } = playDistributedMaps(given);

    const states = played.States['Both']?.Branches?.[0]?.States ?? {};
    expect(states['Done?']?.Choices).toEqual([{ Next: 'Each: read the list' }]);
    expect(states['Each: read the list']).toMatchObject({
      Type: 'Task',
      Resource: READ_ITEMS,
      Parameters: { Bucket: 'evidence', 'Key.$': '$.key' },
      ResultPath: null,
      Next: 'Each',
      Catch: [{ Next: 'Read' }],
    });
    expect(states['Each']).toMatchObject({ ItemsPath: ITEMS_PATH, Next: 'Read' });
    expect(childStates).toEqual(new Set(['One']));
    expect(['One', 'Each: read the list', 'Each', 'Read'].filter(isElsewhere)).toEqual([
      'One',
      'Each: read the list',
    ]);
    // The synthesised definition itself stays as it is: DescribeStateMachine answers it.
    expect(given).toEqual(definition('DISTRIBUTED'));
  });

  it('leaves an inline Map alone', () => {
    expect(playDistributedMaps(definition('INLINE')).definition).toEqual(definition('INLINE'));
  });
});
