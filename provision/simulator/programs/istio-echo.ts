import { sleep } from '../clock.ts';
import type { HttpHandler } from '../net/http.ts';
import { commandLine } from './command-line.ts';
import { parseGoDuration } from './go/duration.ts';
import { goHeaders } from './go/headers.ts';
import { choose, parseWeighted } from './httpbin/weighted.ts';
import { idle } from './idle.ts';
import { repositoryOf } from './images.ts';
import type { ContainerContext, Program } from './program.ts';
import { httpAnswer } from './text-server.ts';

const IMAGES: ReadonlySet<string> = new Set([
  'istio-testing/app',
  'istio/app',
  'testing/app',
  'release/app',
]);
/** Ports of one server. */
const PORTS_LIMIT = 20;
/** Longest delay that is asked for, in milliseconds. */
const DELAY_LIMIT_MS = 60_000;

/** The echo application of Istio's own tests: says what came, by HTTP on each `--port`; TCP and gRPC are left out. */
export const istioEcho: Program = {
  images: ['istio/app'],
  matches: (image) => IMAGES.has(repositoryOf(image)),
  commands: ['bash', 'curl'],
  start(context) {
    const words = commandLine(context.container);
    const ports = valuesOf(words, 'port').slice(0, PORTS_LIMIT);
    using stack = new DisposableStack();
    for (const port of ports.length > 0 ? ports : ['8080']) {
      context.log(`info\tListening HTTP/1.1 on ${port}`);
      const handle = serve(context, { port, version: valuesOf(words, 'version')[0] ?? '' });
      stack.use(context.network.listen(Number(port), { type: 'http', handle }));
    }
    for (const kind of ['grpc', 'tcp']) {
      for (const port of valuesOf(words, kind)) {
        context.log(
          `warn\tThe Regatta simulator's echo has no ${kind}: nothing listens on ${port}`,
        );
      }
    }
    return idle(stack.move());
  },
};

function valuesOf(words: readonly string[], name: string): readonly string[] {
  return words.flatMap((word, index) => {
    if (word === `--${name}`) return [words[index + 1] ?? ''];
    return word.startsWith(`--${name}=`) ? [word.slice(name.length + 3)] : [];
  });
}

function serve(
  { clock, env, pod, random }: ContainerContext,
  { port, version }: { readonly port: string; readonly version: string },
): HttpHandler {
  return async (request, peer) => {
    const query = new URLSearchParams(request.path.split('?')[1] ?? '');
    const delayMs = Math.min(parseGoDuration(query.get('delay') ?? '0') ?? 0, DELAY_LIMIT_MS);
    if (delayMs > 0) await sleep(clock, delayMs, request.signal);
    const codes = parseWeighted(query.get('codes') ?? '200');
    const chosen = typeof codes === 'string' ? 200 : choose(codes, random());
    const status = chosen >= 200 && chosen <= 599 ? chosen : 200;
    const headers = Object.entries(goHeaders(request)).flatMap(([name, values]) =>
      name === 'Host' ? [] : values.map((value) => `RequestHeader=${name}:${value}`),
    );
    const istio = env['ISTIO_VERSION'];
    const lines = [
      `ServiceVersion=${version}`,
      `ServicePort=${port}`,
      `Host=${request.authority}`,
      `URL=${request.path}`,
      ...(istio === undefined ? [] : [`IstioVersion=${istio}`]),
      ...(env['NAMESPACE'] === undefined ? [] : [`Namespace=${env['NAMESPACE']}`]),
      `Method=${request.method}`,
      'Proto=HTTP/1.1',
      `IP=${peer.ip}`,
      ...headers,
      `Hostname=${pod.metadata.name}`,
      '',
    ];
    return httpAnswer({ status, type: 'application/text', text: lines.join('\n') });
  };
}
