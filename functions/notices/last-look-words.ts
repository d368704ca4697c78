import type { Language } from '../contract/config.ts';
import type { CameBack, WriteSign } from '../contract/last-look.ts';
import { localTime } from './notice.ts';

/** The findings of the last look before the point of no return, as people are told of them. */
export interface LastLookFacts {
  /** Services that had come back and were stopped again. */
  cameBack: CameBack[];
  /** The servers' files are in snapshots, which hold no later write. */
  withFiles: boolean;
  /** When the services were seen stopped for the last time, ISO 8601. */
  servicesAt?: string;
  /** The look at the database. Absent when it was not looked at. */
  source?: {
    wrote: WriteSign;
    /** The time until which the database is known to be as verified, ISO 8601. */
    at?: string;
    /** Objects that were written to, with their difference if they were compared. */
    objects: string[];
    /** The database was read again. */
    isCompared: boolean;
    /** The backup is older than the data. */
    isOutdated: boolean;
  };
  /** The run was told not to verify its backup. */
  isUnverified: boolean;
}

type Time = (iso: string | undefined) => string;

/** A sentence each. */
export function lastLookInWords(facts: LastLookFacts, language: Language, timeZone: string): string[] {
  const time: Time = (iso) => (iso === undefined ? '' : localTime(iso, timeZone, language));
  const words = language === 'zh-CN' ? CHINESE : ENGLISH;
  const { cameBack, source, isUnverified, servicesAt, withFiles } = facts;
  return [
    ...cameBack.map((service) => words.cameBack(service, time)),
    ...(cameBack.length > 0 && withFiles ? [words.files] : []),
    ...(source === undefined ? [] : [words.source(source, time)]),
    ...(source === undefined && isUnverified && servicesAt !== undefined ? [words.unverified] : []),
  ];
}

interface Words {
  cameBack(service: CameBack, time: Time): string;
  files: string;
  source(source: NonNullable<LastLookFacts['source']>, time: Time): string;
  unverified: string;
}

const ENGLISH: Words = {
  cameBack: ({ name, server, at }, time) =>
    `Service ${name} on ${server} had come back after it was stopped (seen ${time(at)}). It was stopped again.`,
  files: 'What it wrote to files in between may be in no snapshot of the volumes.',
  source: ({ wrote, at, objects, isCompared, isOutdated }, time) => {
    const list = objects.length === 0 ? '' : `: ${objects.join('; ')}`;
    if (isOutdated)
      return isCompared
        ? `The database changed after its backup${list}. The backup does not hold that.`
        : `Something wrote to the database after its backup${list}. The backup does not hold that.`;
    if (wrote === 'nothing')
      return `At the last look (${time(at)}) nothing had been written to the database since its backup.`;
    const why =
      wrote === 'something'
        ? `Something had written to the database after its backup${list}.`
        : 'The server could not tell whether somebody wrote to the database after its backup.';
    return `${why} It was read once more (${time(at)}) and is equal to what was verified.`;
  },
  unverified:
    'The backup was not verified, so nobody looked whether something wrote to the database after it.',
};

const CHINESE: Words = {
  cameBack: ({ name, server, at }, time) =>
    `服务器 ${server} 上的服务 ${name} 在停止后又被启动（发现于 ${time(at)}），已再次停止。`,
  files: '在此期间写入的文件可能不在任何卷快照中。',
  source: ({ wrote, at, objects, isCompared, isOutdated }, time) => {
    const list = objects.length === 0 ? '' : `：${objects.join('；')}`;
    if (isOutdated)
      return isCompared
        ? `备份之后数据库内容发生了变化${list}。备份中不包含这些变化。`
        : `备份之后有程序写入了数据库${list}。备份中不包含这些写入。`;
    if (wrote === 'nothing') return `最后一次检查（${time(at)}）时，自备份以来没有任何数据写入数据库。`;
    const why =
      wrote === 'something'
        ? `备份之后有程序写入了数据库${list}。`
        : '数据库服务器无法说明备份之后是否有写入。';
    return `${why}已再次读取源数据库（${time(at)}），与已校验的内容一致。`;
  },
  unverified: '备份未校验，因此未检查备份之后是否有数据写入数据库。',
};
