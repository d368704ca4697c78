import type { SystemConfig } from '../contract/config.ts';
import { defined } from '../contract/defined.ts';
import type { CameBack } from '../contract/last-look.ts';
import type { LastLookEvidence } from '../databases/last-look.ts';
import { differenceInWords } from '../notices/difference-words.ts';
import type { LastLookFacts } from '../notices/last-look-words.ts';
import type { ReachedState } from './outcome.ts';

/** The last look before the point of no return, as the certificate reports it. */
export interface LastLook {
  /** When the services were seen stopped for the last time, ISO 8601. Absent when they were not. */
  servicesAt?: string;
  /** Services that had come back and were stopped again. */
  cameBack: CameBack[];
  /** The look at the source. Absent when the run verifies nothing, or did not come so far. */
  source?: LastLookEvidence;
}

/** Absent when the run did not come so far. */
export function lastLookOf(
  { servicesLook }: ReachedState,
  source: LastLookEvidence | undefined,
): { lastLook?: LastLook } {
  if (servicesLook === undefined && source === undefined) return {};
  const { at, cameBack = [] } = servicesLook ?? {};
  return {
    lastLook: {
      ...defined({ servicesAt: at }),
      cameBack,
      ...defined({ source }),
    },
  };
}

/** Tells whether the backup is older than the data, or the last look is missing although the workflow has one. */
export function isOutdated(state: ReachedState, source: LastLookEvidence | undefined): boolean {
  const isLeftOut = state.lock?.isLookFresh !== undefined && state.sourceLook?.done !== true;
  return source?.outdated === true || isLeftOut;
}

/** For the sentences in mails and report. */
export function lastLookFacts(
  { lastLook, verification }: { lastLook?: LastLook | undefined; verification: { policy: 'full' | 'none' } },
  config: SystemConfig,
  language: 'en' | 'zh-CN',
): LastLookFacts | undefined {
  if (lastLook === undefined) return undefined;
  const { servicesAt, cameBack, source } = lastLook;
  const differences = source?.compared?.differences ?? [];
  return {
    cameBack,
    withFiles: config.files.backup !== 'none',
    isUnverified: verification.policy === 'none',
    ...defined({ servicesAt }),
    ...(source === undefined
      ? {}
      : {
          source: {
            wrote: source.wrote,
            ...defined({ at: source.at }),
            objects:
              differences.length > 0
                ? differences.map((difference) => differenceInWords(difference, language))
                : source.objects,
            isCompared: source.compared !== undefined,
            isOutdated: source.outdated === true,
          },
        }),
  };
}
