import { parseArgs } from 'node:util';

import { readConfig, startServer } from '../../server/index.ts';
import { type Command, untilStopped } from './command.ts';

/** Longer than the slowest end: homes and clusters of a full server are packed in a few seconds. */
const STOP_MS = 10_000;
const HELP = `Usage: regatta start [OPTIONS]

Serves the labs until ^C.

Options
  --port N              port to listen on (default 8080; 0 takes a free one)
  --host ADDRESS        address to listen on (default 127.0.0.1)
  --labs DIR            folder with the labs (default: the labs of this project)
  --data DIR            folder for progress and clusters (default: .data)
  --provider NAME       where clusters come from: simulated (default), or kubeconfig: a real one, for one learner at a
                        time, who gets all rights of the kubeconfig; on 127.0.0.1 only
  --kubeconfig FILE     the real cluster; with --context NAME another than the file's current context
  --gateways NETWORKS   where its gateways may be, such as 172.18.255.0/24 (default: anywhere but on this machine and its
                        own link)
  --sandbox MODE        auto (default) or none: one learner on 127.0.0.1, not confined
  --max-sessions N      sessions awake at once (default 120); who comes later waits in line
  --idle-minutes N      a session in which nobody types goes to sleep after this long (default 30)
  --session-hours N     a session is awake for this long in a row (default 4); learners may add two hours
  --preview-domain D    domain whose subdomains show learners' web pages (default localhost)
  --log LEVEL           silent, error, warn (default), info, debug
`;

export const start: Command = {
  help: HELP,
  async run(words) {
    const { values } = parseArgs({
      args: [...words],
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        labs: { type: 'string' },
        data: { type: 'string' },
        provider: { type: 'string' },
        kubeconfig: { type: 'string' },
        context: { type: 'string' },
        gateways: { type: 'string' },
        sandbox: { type: 'string' },
        'max-sessions': { type: 'string' },
        'idle-minutes': { type: 'string' },
        'session-hours': { type: 'string' },
        'preview-domain': { type: 'string' },
        log: { type: 'string' },
      },
    });
    const stopped = untilStopped();
    await using server = await startServer(readConfig(values));
    for (const { file, line, message, severity } of server.problems) {
      if (severity === 'error') process.stderr.write(`labs/${file}:${line} ${message}\n`);
    }
    const limits = server.sandbox.limits.join(', ');
    process.stderr.write(
      `Sandbox: ${server.sandbox.mode}${limits && ` (${limits})`}; clusters: ${server.clusters}\n`,
    );
    process.stdout.write(`Regatta is ready: ${server.url}\n`);
    await stopped;
    // What hangs must not keep a machine from going down: boxes and clusters end with this process.
    setTimeout(() => process.exit(1), STOP_MS).unref();
    return 0;
  },
};
