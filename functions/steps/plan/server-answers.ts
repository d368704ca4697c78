import { distance } from 'fastest-levenshtein';
import type { Server, Service, SystemConfig } from '../../contract/config.ts';
import type { Reason } from '../../contract/plan-state.ts';
import { fingerprint, listOfData, textOfData } from '../../contract/server-data.ts';
import { identityOfService } from '../../contract/server-names.ts';
import { shown } from '../../contract/shown.ts';

/** What a server's answer means for a run. */
export interface ServerAnswer {
  reasons: Reason[];
  warnings: string[];
}

type Line = Record<string, string>;

/**
 * Reads the answers of `lib/documents/look.sh` and `look.ps1`. A finding that would make a run fail after people were told is a reason. A
 * finding that people should know is a warning. docs/decisions/0022-the-plan-asks-the-servers.md
 */
export function readAnswer(config: SystemConfig, server: Server, lines: readonly Line[]): ServerAnswer {
  const own = config.services.filter((service) => service.server === server.name);
  const known = lines.flatMap(({ known: names }) => (names === undefined ? [] : listOfData(names)));
  const answers = [
    ...own.map((service) =>
      answerOfService({ config, server, service, known, lines: linesOf(service, lines) }),
    ),
    ...lines.filter(({ flag }) => flag !== undefined).map((line) => answerOfFlag(config, server, line)),
    { reasons: missingPrograms(server, lines), warnings: [] },
  ];
  return {
    reasons: answers.flatMap(({ reasons }) => reasons),
    warnings: answers.flatMap(({ warnings }) => warnings),
  };
}

interface Asked {
  config: SystemConfig;
  server: Server;
  service: Service;
  /** Names of all services of the server, if one of the configured services is not known. */
  known: string[];
  lines: Line[];
}

function linesOf({ name }: Service, lines: readonly Line[]): Line[] {
  const own = fingerprint(name);
  return lines.filter(({ service }) => service === own);
}

function answerOfService(asked: Asked): ServerAnswer {
  const { server, service, lines } = asked;
  const resource = `service ${shown(service.name)} on server ${server.name} (${server.instanceId})`;
  const first = lines.find(({ load }) => load !== undefined);
  // Another command asks for the service, or no command has answered. The server's own reason says so.
  if (first === undefined) return { reasons: [], warnings: [] };
  const reasons: Reason[] = [];
  const { load = '', state = '' } = first;
  if (load === 'not-found') return { reasons: [unknownService(asked, resource)], warnings: [] };
  if (load === 'masked' || load === 'disabled')
    reasons.push({
      resource,
      problem: `it is ${load}, so nothing could start it again after a stop`,
      remedy: 'make it startable, or take it out of services in systems.ts',
    });
  else if (load !== 'loaded')
    reasons.push({
      resource,
      problem: `its server says that it is ${JSON.stringify(load)}, expected "loaded"`,
      remedy: 'mend its unit file: see "systemctl status" on the server',
    });
  return {
    reasons: [...reasons, ...takenWithIt(asked, resource)],
    warnings: [
      ...(state === 'active' ? [] : [`${resource} is ${state} already: the run leaves it so`]),
      ...waking(asked, resource),
    ],
  };
}

/** The most changed letters by which a name still counts as near. */
const NEAR = 4;

function unknownService({ service, known, server }: Asked, resource: string): Reason {
  const plain = (name: string): string => identityOfService(name, server.platform);
  const [nearest] = known
    .map((name) => ({ name, far: distance(plain(name), plain(service.name)) }))
    .filter(({ far }) => far <= Math.min(NEAR, service.name.length / 2))
    .sort((a, b) => a.far - b.far);
  const hint = nearest === undefined ? '' : `; the nearest name that it knows is "${shown(nearest.name)}"`;
  return {
    resource,
    problem: `its server does not know it${hint}`,
    remedy: 'correct its name in systems.ts, or install it',
  };
}

/** Units that are no service of the system: stopping one of them affects nobody. */
const HARMLESS = /\.(target|slice|scope|device)$/;

/** Services that a stop also stops must be in the list. Otherwise nothing starts them again: neither a roll back nor a person on Monday. */
function takenWithIt({ config, server, service, lines }: Asked, resource: string): Reason[] {
  const taken = lines.flatMap(({ takes }) => (takes === undefined ? [] : [textOfData(takes)]));
  return taken
    .filter((name) => !HARMLESS.test(name))
    .flatMap((name) => {
      const listed = find(config, server, name);
      if (listed === undefined)
        return [
          {
            resource,
            problem: `a stop takes ${shown(name)} with it, which depends on it and is not in services`,
            remedy: `add { name: ${JSON.stringify(name)}, server: "${server.name}" } to services in systems.ts, with a tier of at most ${service.tier}`,
          },
        ];
      if (listed.tier <= service.tier) return [];
      return [
        {
          resource,
          problem: `${shown(name)} depends on it and is of tier ${listed.tier}, so it is to stop after what it needs`,
          remedy: `give ${shown(name)} a tier of at most ${service.tier} in systems.ts`,
        },
      ];
    });
}

/** Units that start a service again while it is meant to be down, and that are not stopped before it. */
function waking({ config, server, service, lines }: Asked, resource: string): string[] {
  return lines
    .flatMap(({ wakes }) => (wakes === undefined ? [] : [textOfData(wakes)]))
    .filter((name) => (find(config, server, name)?.tier ?? Number.POSITIVE_INFINITY) > service.tier)
    .map(
      (name) =>
        `${resource} can be started again by ${shown(name)}; add that to services with a tier of at most ${service.tier}, or switch it off for the time`,
    );
}

function find({ services }: SystemConfig, server: Server, name: string): Service | undefined {
  const identity = identityOfService(name, server.platform);
  return services.find(
    (each) => each.server === server.name && identityOfService(each.name, server.platform) === identity,
  );
}

/** File systems in memory, and folders that are emptied at a start: https://www.freedesktop.org/software/systemd/man/latest/systemd-tmpfiles.html */
const IN_MEMORY = /^(tmpfs|ramfs|devtmpfs|ram)$/i;
const EMPTIED = /^\/(tmp|run|var\/run|dev\/shm)\//;

function answerOfFlag({ maintenance }: SystemConfig, server: Server, line: Line): ServerAnswer {
  const path = maintenance?.flagFile ?? '';
  const resource = `flag file ${shown(path)} on server ${server.name} (${server.instanceId})`;
  const { flag, folder, filesystem = 'unknown' } = line;
  const reasons: Reason[] = [];
  const warnings: string[] = [];
  if (flag === 'foreign')
    reasons.push({
      resource,
      problem: 'something stands there that Lights Out did not make',
      remedy: 'look at it and move it away, or name another path in maintenance.flagFile',
    });
  if (flag === 'ours')
    warnings.push(`${resource} is there already: maintenance mode is on, users are kept out`);
  if (folder !== 'ok')
    reasons.push({
      resource,
      problem: folder === 'closed' ? 'its folder cannot be written to' : 'its folder cannot be made',
      remedy: 'name a path in maintenance.flagFile that root (or SYSTEM) can write to',
    });
  if (IN_MEMORY.test(filesystem) || EMPTIED.test(path))
    warnings.push(
      `${resource} does not outlive a restart of the server (${IN_MEMORY.test(filesystem) ? filesystem : 'its folder is emptied'}): name a path on a disk`,
    );
  return { reasons, warnings };
}

function missingPrograms(server: Server, lines: readonly Line[]): Reason[] {
  const missing = [...new Set(lines.flatMap(({ missing: program }) => program ?? []))];
  if (missing.length === 0) return [];
  return [
    {
      resource: `server ${server.name} (${server.instanceId})`,
      problem: `it lacks ${missing.map(shown).join(', ')}, which the run’s commands need`,
      remedy: 'install the packages they belong to (coreutils, util-linux, findutils, systemd)',
    },
  ];
}
