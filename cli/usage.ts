/** The usage of each command, by name. `lights-out COMMAND --help` prints its own part. */
export const USAGES = {
  rehearse: `  rehearse --out DIR   a whole run on this machine, touching nothing outside DIR
    --system NAME        which system of systems.ts (default: the first)
    --input FILE|JSON    the run's input (default: {})
    --action NAME        what to rehearse: shutdown (the default), startup (of a system that a shutdown has put away),
                         cycle (a shutdown, two days that jump by, a start-up)
    --seed-sql FILE      load this SQL file (plain pg_dump or mysqldump output) in place of the generated CRM
    --faults FILE|JSON   let something go wrong: docs/sandbox.md lists the faults
    --after FILE|JSON    let time pass, or something happen, once the run is over: docs/sandbox.md
    --speed N            simulated seconds in a real second (default: 360)
    --json               print run.json, and nothing else
                       exit codes: 0 done, or already off or on, 1 failed, 2 bad input, 3 an invariant is broken; 128 plus the signal that ended it
                       example: lights-out rehearse --out out/plan --input '{"dryRun":true}'
`,
  verify: `  verify --source URL --restored URL [--json]
                       compare two databases: postgres:, mysql:, mariadb:, sqlserver:
                       exit codes: 0 equal, 1 different, 2 could not compare
                       example: lights-out verify --source postgres://reader@db.example:5432/crm --restored postgres://reader@copy.example:5432/crm
`,
  clean: `  clean                end what killed rehearsals left on this machine: database servers, services, folders
                       exit codes: 0 nothing is left, 1 something could not be removed
`,
  startup: `  startup --system NAME
                       bring a system back: database, data confirmed, servers, services, then let users in
    --api URL            the operator API (default: LIGHTS_OUT_API)
    --back-at TIME       open the doors then, not before, ISO 8601 with an offset (default: what the shutdown promised)
    --accept-differences REASON
                         start although the data differ from what was put away, on record
    --dry-run            only plan
    --reason TEXT        why, for the notices
    --json               print the API's answer
                       exit codes: 0 begun, 1 refused, 2 could not ask
                       example: lights-out startup --system crm --reason "Monday"
`,
  shutdown: `  shutdown --system NAME
                       shut a system down on AWS: users are told, its backup is proved, and only then it is switched off. The name of the
                       system has to be typed
    --at TIME            when users are out, ISO 8601 with an offset (default: after the longest notice)
    --back-at TIME       the return that users are promised
    --reason TEXT        why, for the notices
    --dry-run            only plan
    --only-prove         only take a backup of the running system and prove it
    --emergency          at once and without waiting for users, with a reason, where the configuration allows it
    --force              although a hold covers the time, with a reason
    --verification none  without a proof, where the configuration allows it
    --yes                without typing the name, for scripts
    --api URL            the operator API (default: LIGHTS_OUT_API)
    --json               print the API's answer
                       exit codes: 0 begun, 1 refused, 2 bad input, or could not ask
                       example: lights-out shutdown --system crm --at 2026-11-27T22:00:00+08:00 --back-at 2026-11-30T06:00:00+08:00
`,
  status: `  status RUN           how a run is
    --watch              look every ten seconds, say what has changed, and end with the run
    --api URL            the operator API (default: LIGHTS_OUT_API)
    --json               print the API's answer
                       exit codes: 0 under way, or ended well, 1 did not end well, or not known, 2 bad input, or could not ask
                       example: lights-out status api-3f9a1c07b2de --watch
`,
  approve: `  approve RUN          answer yes to a run that waits for a second person, as one of approval.principals and not as who asked
    --comment TEXT       for the record
    --api URL            the operator API (default: LIGHTS_OUT_API)
    --json               print the API's answer
                       exit codes: 0 the answer counts, 1 refused, 2 bad input, or could not ask
                       example: lights-out approve scheduled-shutdown-20261127T140000Z
`,
  deny: `  deny RUN             answer no: the run ends, and nothing is touched
    --comment TEXT       why, for whoever asked
    --api URL            the operator API (default: LIGHTS_OUT_API)
    --json               print the API's answer
                       exit codes: 0 the answer counts, 1 refused, 2 bad input, or could not ask
                       example: lights-out deny scheduled-shutdown-20261127T140000Z --comment "The quarter is not closed"
`,
  finish: `  finish --system NAME
                       what a run has left half done is finished: off or on, as it is meant to be; as often as needed
    --api URL            the operator API (default: LIGHTS_OUT_API)
    --json               print the API's answer
                       exit codes: 0 it has begun, 1 refused, 2 could not ask
                       example: lights-out finish --system crm
`,
  release: `  release --system NAME
                       a system that was shut down is meant to be on again: nothing stops it any more
    --api URL            the operator API (default: LIGHTS_OUT_API)
    --reason TEXT        why, for the record
    --json               print the API's answer
                       exit codes: 0 meant to be on, 1 refused, 2 could not ask
                       example: lights-out release --system crm --reason "Monday"
`,
  restore: `  restore --system NAME
                       make a new database from a proved snapshot, beside the old one, which is never touched; with the AWS credentials of
                       this machine
    --run ID             of this run (default: the newest that is proved)
    --as NAME            what it is called (default: <database>-restored-<run>)
    --instance-class CLASS, --subnet-group GROUP, --security-group ID
                         in place of the old one's, the last as often as needed; all three where the old one is gone
    --list               only say which snapshots there are: run, time, proved or not
    --no-wait            return once RDS has taken the request
    --json               print it as JSON
                       exit codes: 0 done, 1 RDS refused it or it did not become available, 2 bad input, or no proved snapshot
                       example: lights-out restore --system crm --run 20261127-1400-1a2b3c4d
`,
  hold: `  hold --system NAME --until TIME --reason TEXT
                       keep a system from being shut down: no run begins whose users would be out before then; start-ups are never held
    --from TIME          from then on, ISO 8601 with an offset (default: now)
    --list               show what holds the system
    --end ID             end a hold before its time
    --api URL            the operator API (default: LIGHTS_OUT_API)
    --json               print the API's answer
                       exit codes: 0 done, 1 refused, 2 could not ask
                       example: lights-out hold --system crm --until 2026-12-31T18:00:00+08:00 --reason "Closing of the year"
`,
  schedule: `  schedule next --system NAME
                       the next times at which users are out and back, from systems.ts alone; a time that does not run has a note with the reason
    --count N            how many times (default: 10)
    --from TIME          from then on, ISO 8601 with an offset (default: now)
    --json               print them as JSON
                       exit codes: 0 shown, 2 bad input, or the system has no schedule
                       example: lights-out schedule next --system crm --count 4
`,
  help: `  help [COMMAND]       this text, or that of one command
`,
};

export type CommandName = keyof typeof USAGES;

export const USAGE = `Usage: lights-out COMMAND [OPTIONS]

${Object.values(USAGES).join('')}  --version            the version
`;

export function usageOf(command: CommandName): string {
  return `Usage: lights-out ${command}${command === 'clean' || command === 'help' ? '' : ' [OPTIONS]'}\n\n${USAGES[command]}`;
}
