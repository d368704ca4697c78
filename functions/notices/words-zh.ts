import { ErrorName } from '../contract/errors.ts';

/**
 * The words of AWS and of the run's own states in Chinese. A word that is missing here is shown in the original, so that nobody takes it
 * for a translation.
 */
const STATES: Record<string, string> = {
  // DB instances and clusters: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html
  // and https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html
  available: '可用',
  'backing-up': '正在备份',
  backtracking: '正在回溯',
  'cloning-failed': '克隆失败',
  'configuring-associated-roles': '正在配置关联角色',
  'configuring-enhanced-monitoring': '正在配置增强监控',
  'configuring-iam-database-auth': '正在配置 IAM 数据库身份验证',
  'configuring-log-exports': '正在配置日志导出',
  'converting-to-vpc': '正在迁入 VPC',
  creating: '正在创建',
  'delete-precheck': '正在做删除前检查',
  deleting: '正在删除',
  failed: '失败',
  'failing-over': '正在故障转移',
  'inaccessible-encryption-credentials': '无法访问加密密钥',
  'inaccessible-encryption-credentials-recoverable': '无法访问加密密钥（可恢复）',
  'incompatible-create': '创建参数不兼容',
  'incompatible-network': '网络不兼容',
  'incompatible-option-group': '选项组不兼容',
  'incompatible-parameters': '参数组不兼容',
  'incompatible-restore': '无法恢复（不兼容）',
  'insufficient-capacity': '容量不足',
  maintenance: '正在维护',
  migrating: '正在迁移',
  'migration-failed': '迁移失败',
  modifying: '正在修改',
  'moving-to-vpc': '正在迁入 VPC',
  'preparing-data-migration': '正在准备数据迁移',
  promoting: '正在提升为独立实例',
  rebooting: '正在重启',
  renaming: '正在重命名',
  'resetting-master-credentials': '正在重置主用户密码',
  'restore-error': '恢复出错',
  starting: '正在启动',
  stopped: '已停止',
  stopping: '正在停止',
  'storage-config-upgrade': '正在升级存储配置',
  'storage-full': '存储已满',
  'storage-initialization': '正在初始化存储',
  'storage-optimization': '正在优化存储',
  'update-iam-db-auth': '正在更新 IAM 数据库身份验证',
  upgrading: '正在升级',
  // Servers: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
  pending: '正在准备',
  running: '运行中',
  'shutting-down': '正在终止',
  terminated: '已终止',
  // Volumes and snapshots: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-describing-volumes.html
  'in-use': '使用中',
  deleted: '已删除',
  completed: '已完成',
  error: '出错',
  recoverable: '可恢复',
  recovering: '正在恢复',
  // Services and maintenance mode, as our own documents print them.
  active: '运行中',
  inactive: '已停止',
  changing: '正在变化',
  on: '已开启',
  off: '已关闭',
  // Ours.
  unknown: '未知',
  gone: '已不存在',
  'not there': '不存在',
  'not found': '未找到',
};

/** A text that has no Chinese of its own, marked as the original. */
export function originalInChinese(text: string): string {
  return `原文：“${text.trim()}”`;
}

/** Every state that has Chinese words. */
export const STATES_IN_CHINESE: readonly string[] = Object.keys(STATES);

const NOT_SEEN = /^could not be looked at(?: \((.*)\))?$/s;

export function stateInChinese(state: string): string {
  const known = Object.hasOwn(STATES, state) ? STATES[state] : undefined;
  if (known !== undefined) return known;
  const unseen = NOT_SEEN.exec(state);
  if (unseen !== null)
    return `无法查看${unseen[1] === undefined ? '' : `（${originalInChinese(unseen[1])}）`}`;
  return /[A-Za-z]/.test(state) ? originalInChinese(state) : state;
}

/** Words before a name. Longer ones come first, since one may begin with another. */
const RESOURCES: [RegExp, string][] = [
  [/^service (.+) on (\S+)$/, '服务器 $2 上的服务 $1'],
  [/^test instances? (.+)$/, '测试实例 $1'],
  [/^test cluster (.+)$/, '测试集群 $1'],
  [/^test volumes? (.+)$/, '测试卷 $1'],
  [/^test volumes$/, '测试卷'],
  [/^volume snapshot (.+)$/, '卷快照 $1'],
  [/^snapshots? (.+)$/, '快照 $1'],
  [/^database (.+)$/, '数据库 $1'],
  [/^server (.+)$/, '服务器 $1'],
  [/^volume (.+)$/, '卷 $1'],
  [/^webhook (.+)$/, '机器人（webhook）$1'],
  [/^sender (.+)$/, '发件人 $1'],
  [/^maintenance mode$/, '维护模式'],
];

/** `server web-1` → `服务器 web-1`. */
export function resourceInChinese(name: string): string {
  const [pattern, words] = RESOURCES.find(([each]) => each.test(name)) ?? [];
  return pattern === undefined || words === undefined ? name : name.replace(pattern, words);
}

/** The meaning of each error for its reader: a sentence without its full stop. */
const ERRORS: Record<ErrorName, string> = {
  [ErrorName.InvalidInput]: '运行的输入不正确，未做任何改动',
  [ErrorName.InvalidConfiguration]: '系统的配置无法读取或不正确，未做任何改动',
  [ErrorName.NotSettledYet]: '有资源正处于过渡状态，稍后会再次查看，未做任何改动',
  [ErrorName.PlanRejected]: '计划发现了不能开始的原因，未做任何改动',
  [ErrorName.Held]: '该时段已被人员设为不得停机，未做任何改动',
  [ErrorName.RunInProgress]: '该系统的另一次运行正在进行，未做任何改动',
  [ErrorName.ApprovalDenied]: '未获批准，未做任何改动',
  [ErrorName.AnnouncementFailed]: '没有任何渠道接受通知，用户无法得知，未做任何改动',
  [ErrorName.SessionsRemain]: '到截止时间仍有用户未退出',
  [ErrorName.UpdateFailed]: '待安装的系统更新未能安装',
  [ErrorName.AgentOffline]: '某台服务器的 SSM 代理未在时限内执行命令',
  [ErrorName.ServiceDidNotStop]: '某个服务未在时限内停止',
  [ErrorName.ServiceDidNotStart]: '某个服务未在时限内启动',
  [ErrorName.HealthNotGreen]: '启动后有健康检查未在时限内通过，维护模式保持开启',
  [ErrorName.MaintenanceModeFailed]: '维护模式未能切换',
  [ErrorName.SnapshotFailed]: '数据库快照未能完成',
  [ErrorName.VolumeSnapshotFailed]: '某个卷的快照未能完成',
  [ErrorName.VolumeMismatch]: '恢复的卷中的文件与源不一致',
  [ErrorName.VolumeCheckImpossible]: '某个卷的文件无法比对',
  [ErrorName.TestVolumeNotDeleted]: '用于比对的测试卷未能在时限内删除',
  [ErrorName.RestoreFailed]: '测试实例未能从快照恢复',
  [ErrorName.TestInstanceNotDeleted]: '测试实例未能在时限内删除',
  [ErrorName.VerificationMismatch]: '恢复的副本与源数据不一致',
  [ErrorName.VerificationImpossible]: '无法进行比对',
  [ErrorName.SourceChanged]: '备份之后源数据库又被写入',
  [ErrorName.EvidenceMissing]: '运行所依赖的记录已丢失或被改动',
  [ErrorName.DatabaseUnreachable]: '无法连接数据库，或数据库拒绝了登录',
  [ErrorName.DatabaseDidNotStop]: '数据库未在时限内停止',
  [ErrorName.ServerDidNotStop]: '某台服务器未在时限内停止',
  [ErrorName.DatabaseDidNotStart]: '数据库未在时限内启动',
  [ErrorName.ServerDidNotStart]: '某台服务器未在时限内启动',
  [ErrorName.DataChanged]: '恢复的数据与关闭时不一致',
  [ErrorName.DataNotConfirmed]: '恢复的数据未能与关闭时的记录比对',
  [ErrorName.PartlyOff]: '仍有资源未关闭',
  [ErrorName.RunAborted]: '有人中止了执行，之后已自动收尾',
  [ErrorName.RunTimedOut]: '执行超时，之后已自动收尾',
  [ErrorName.RunNotClosed]: '执行在结束运行之前失败，之后已自动收尾',
  [ErrorName.LockLost]: '本次运行已不再持有锁',
  [ErrorName.RedriveRefused]: '重新驱动的执行不做任何操作',
  [ErrorName.DeletionFailed]: '有资源未能删除，将自动重试',
  [ErrorName.AwsTemporarilyUnavailable]: 'AWS 暂时无法响应',
  [ErrorName.AwsAccessDenied]: 'AWS 因缺少权限拒绝了调用',
  [ErrorName.ChannelUnavailable]: '某个通知渠道暂时无法接收消息',
  [ErrorName.ChannelRefused]: '某个通知渠道拒绝了消息',
};

/** Errors of Lambda and Step Functions that may end a run: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
const AWS_ERRORS: [RegExp, string][] = [
  [/^States\.(Timeout|HeartbeatTimeout)$|^Sandbox\.Timedout$/, '某个步骤执行超时'],
  [/^States\./, '状态机执行出错'],
  [/^Lambda\.|^Runtime\./, '某个步骤的函数异常终止'],
];

/** The meaning of an error. The error's name stays beside it, for looking it up. */
export function errorInChinese(name: string | undefined): string {
  if (name === undefined) return '原因未知';
  const own = Object.hasOwn(ERRORS, name) ? ERRORS[name as ErrorName] : undefined;
  const words = own ?? AWS_ERRORS.find(([pattern]) => pattern.test(name))?.[1] ?? '发生了意外错误';
  return `${words}（错误代码 ${name}）`;
}

/** An error with its own message, which is in English: a sentence, then the original. */
export function failureInChinese(name: string | undefined, cause: string | undefined): string {
  const original = cause === undefined || cause.trim() === '' ? '' : originalInChinese(cause);
  return `${errorInChinese(name)}。${original}`;
}
