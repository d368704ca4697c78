import { identityOfService, problemOfPath, problemOfService } from './server-names.ts';

/** A problem in a configuration, and the path of its field. */
export interface ConfigProblem {
  path: (string | number)[];
  message: string;
}

interface NamedServer {
  name: string;
  instanceId: string;
  platform: 'linux' | 'windows';
}

interface Person {
  address: string;
}

/** The fields of a system that name places and people. */
interface Places {
  servers: NamedServer[];
  services: { name: string; server: string }[];
  maintenance?: { servers: string[]; flagFile: string } | undefined;
  notices: { users: Person[]; operators: Person[]; leadMinutes: number[]; languages: string[] };
  approval?: { approvers: Person[] } | undefined;
  database: { databases?: string[] | undefined };
}

/** Problems of places and people: each is named once, and names on a server follow the rules of its platform. */
export function placeProblems(system: Places): ConfigProblem[] {
  return [
    ...twice(system.servers, ['servers'], 'name', ({ name }) => name),
    ...twice(system.servers, ['servers'], 'instanceId', ({ instanceId }) => instanceId),
    ...serviceProblems(system),
    ...maintenanceProblems(system),
    ...listProblems(system),
  ];
}

function listProblems({ notices, approval, database }: Places): ConfigProblem[] {
  const people = (list: readonly Person[], ...path: string[]) =>
    twice(list, path, 'address', ({ address }) => address.toLowerCase());
  return [
    ...people(notices.users, 'notices', 'users'),
    ...people(notices.operators, 'notices', 'operators'),
    ...people(approval?.approvers ?? [], 'approval', 'approvers'),
    ...twice(notices.leadMinutes, ['notices', 'leadMinutes'], undefined, String),
    ...twice(notices.languages, ['notices', 'languages'], undefined, String),
    ...twice(database.databases ?? [], ['database', 'databases'], undefined, String),
  ];
}

function serviceProblems({ servers, services }: Places): ConfigProblem[] {
  const known = services.flatMap((service, index) => {
    const server = servers.find(({ name }) => name === service.server);
    return server === undefined ? [] : [{ service, server, index }];
  });
  const identity = ({ service, server }: (typeof known)[number]): string =>
    `${server.name}/${identityOfService(service.name, server.platform)}`;
  const first = new Map<string, number>();
  for (const each of known.toReversed()) first.set(identity(each), each.index);
  return [
    ...unknownServers(
      servers,
      services.map(({ server }, index) => ({ server, path: ['services', index, 'server'] })),
    ),
    ...known.flatMap(({ service, server, index }) => {
      const message = problemOfService(service.name, server.platform);
      return message === undefined ? [] : [{ path: ['services', index, 'name'], message }];
    }),
    ...known.flatMap((each) => {
      const before = first.get(identity(each)) ?? each.index;
      if (before === each.index) return [];
      const { name, server } = each.service;
      return [
        {
          path: ['services', each.index, 'name'],
          message: `"${name}" on "${server}" is the same service as services[${before}] ("${services[before]?.name}"); expected each service once`,
        },
      ];
    }),
  ];
}

function maintenanceProblems({ servers, maintenance }: Places): ConfigProblem[] {
  if (maintenance === undefined) return [];
  const problem = problemOfPath(maintenance.flagFile);
  return [
    ...unknownServers(
      servers,
      maintenance.servers.map((server, index) => ({ server, path: ['maintenance', 'servers', index] })),
    ),
    ...twice(maintenance.servers, ['maintenance', 'servers'], undefined, (server) => server),
    ...(problem === undefined ? [] : [{ path: ['maintenance', 'flagFile'], message: problem }]),
  ];
}

function unknownServers(servers: NamedServer[], named: { server: string; path: (string | number)[] }[]) {
  const names = servers.map(({ name }) => name);
  return named
    .filter(({ server }) => !names.includes(server))
    .map(({ server, path }) => ({
      path,
      message: `no server is called "${server}"; expected one of: ${names.join(', ')}`,
    }));
}

/** Problems of entries that repeat an earlier entry of their list. */
function twice<Entry>(
  entries: readonly Entry[],
  path: (string | number)[],
  field: string | undefined,
  said: (entry: Entry) => string,
): ConfigProblem[] {
  const values = entries.map(said);
  return values.flatMap((value, index) => {
    const before = values.indexOf(value);
    if (before === index) return [];
    const at = `${path.join('.')}[${before}]${field === undefined ? '' : `.${field}`}`;
    return [
      {
        path: [...path, index, ...(field === undefined ? [] : [field])],
        message: `"${value}" is what ${at} says too; expected another`,
      },
    ];
  });
}
