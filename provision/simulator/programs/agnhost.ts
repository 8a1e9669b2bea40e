import type { HttpRequest, Peer } from '../net/http.ts';
import { idle } from './idle.ts';
import { repositoryOf } from './images.ts';
import type { ContainerContext, Program, RunningProgram } from './program.ts';
import { type Answer, httpAnswer } from './text-server.ts';

/** `liveness` is well for so long, and ill ever after ("Configure Liveness, Readiness and Startup Probes"). */
const WELL_MS = 10_000;

interface Asked {
  readonly request: HttpRequest;
  readonly peer: Peer;
  readonly query: URLSearchParams;
}

type Serve = (request: HttpRequest, peer: Peer) => Answer;

/** The image of the Kubernetes project's own tests, with those of its servers that the documentation uses. */
export const agnhost: Program = {
  images: ['registry.k8s.io/e2e-test-images/agnhost'],
  matches: (image) => ['e2e-test-images/agnhost', 'agnhost'].includes(repositoryOf(image)),
  commands: [
    'bash',
    'curl',
    'dig',
    'getent',
    'ifconfig',
    'ip',
    'nc',
    'netcat',
    'netstat',
    'ss',
    'wget',
  ],
  start(context) {
    const { command, args = [] } = context.container;
    const words = command ? [...command, ...args] : ['/agnhost', ...args];
    const [program = '', subcommand = 'pause', ...flags] = words;
    if (!/(^|\/)agnhost$/.test(program)) return context.run(words);
    const start = SUBCOMMANDS[subcommand];
    return start ? start(context, flags) : refused(context, subcommand);
  },
};

/** The older image with nothing but `liveness`. */
export const liveness: Program = {
  images: ['registry.k8s.io/liveness'],
  matches: (image) => ['liveness', 'google_containers/liveness'].includes(repositoryOf(image)),
  hasShell: false,
  start: (context) => startLiveness(context),
};

const SUBCOMMANDS: Readonly<
  Record<string, (context: ContainerContext, flags: readonly string[]) => RunningProgram>
> = {
  liveness: startLiveness,
  netexec: startNetexec,
  pause: ({ log }) => {
    log('Paused');
    return idle();
  },
  'serve-hostname': (context, flags) => {
    const port = Number(flagValue(flags, 'port')) || 9376;
    context.log(`${klogHead(context)} log.go:198] Serving on port ${port}.`);
    return listen(context, port, () => ({ text: context.pod.metadata.name }));
  },
};

function startLiveness(context: ContainerContext): RunningProgram {
  const startedMs = context.clock.now();
  return listen(context, 8080, ({ path }) => {
    if (path !== '/healthz') return { text: '404 page not found\n', status: 404 };
    const ageMs = context.clock.now() - startedMs;
    return ageMs > WELL_MS
      ? { text: `error: ${ageMs / 1_000}`, status: 500 }
      : { text: 'ok', type: 'text/plain; charset=utf-8' };
  });
}

function startNetexec(context: ContainerContext, flags: readonly string[]): RunningProgram {
  const port = Number(flagValue(flags, 'http-port')) || 8080;
  const udpPort = Number(flagValue(flags, 'udp-port')) || 8081;
  const { promise, resolve } = Promise.withResolvers<number>();
  const running = listen(context, port, netexecServer(context, resolve));
  context.log(`${klogHead(context)} log.go:245] Started HTTP server on port ${port}`);
  context.log(`${klogHead(context)} log.go:245] Started UDP server on port  ${udpPort}`);
  return { exited: promise, stop: () => running.stop() };
}

/** Paths of netexec that are not simulated. */
const NETEXEC_REFUSED = new Set(['/dial', '/redirect', '/shell', '/shutdown', '/upload']);

function netexecServer(context: ContainerContext, exit: (code: number) => void): Serve {
  const { pod, clock, log } = context;
  const answers: Readonly<Record<string, (asked: Asked) => string>> = {
    '/clientip': ({ peer }) => `${peer.ip}:${peer.port}`,
    '/echo': ({ query }) => query.get('msg') ?? '',
    '/exit': ({ query }) => {
      exit(Number(query.get('code')) || 0);
      return '';
    },
    '/header': ({ query, request }) => request.headers.get(query.get('key') ?? '') ?? '',
    '/healthz': () => '',
    '/hostname': () => pod.metadata.name,
  };
  return (request, peer) => {
    const { pathname, searchParams: query } = new URL(request.path, 'http://localhost');
    const path = pathname.toLowerCase();
    log(`${klogHead(context)} log.go:245] GET ${pathname}`);
    if (NETEXEC_REFUSED.has(path)) {
      return { text: `The Regatta simulator's netexec has no ${path}\n`, status: 501 };
    }
    const text = answers[path]?.({ request, peer, query });
    return { text: text ?? `NOW: ${goTime(new Date(clock.now()))}` };
  };
}

function listen({ network }: ContainerContext, port: number, serve: Serve): RunningProgram {
  const listening = network.listen(port, {
    type: 'http',
    handle: async (request, peer) => httpAnswer(serve(request, peer)),
  });
  return idle(listening);
}

function refused({ log }: ContainerContext, subcommand: string): RunningProgram {
  const known = Object.keys(SUBCOMMANDS).join(', ');
  log(`Error: the Regatta simulator's agnhost has no "${subcommand}"; it has ${known}`);
  return { exited: Promise.resolve(1), stop: () => undefined };
}

function flagValue(flags: readonly string[], name: string): string | undefined {
  const index = flags.findIndex((flag) => flag === `--${name}` || flag.startsWith(`--${name}=`));
  const flag = flags[index];
  return flag?.includes('=') ? flag.slice(flag.indexOf('=') + 1) : flags[index + 1];
}

/** What Kubernetes' log library puts before a line: `I1125 20:51:39.123000       1`. */
function klogHead({ clock }: ContainerContext): string {
  const [day = '', time = ''] = new Date(clock.now()).toISOString().slice(5, 23).split('T');
  return `I${day.replace('-', '')} ${time}000       1`;
}

/** A time as Go prints it: `2026-11-25 20:51:39.123 +0000 UTC`. */
function goTime(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', ' +0000 UTC');
}
