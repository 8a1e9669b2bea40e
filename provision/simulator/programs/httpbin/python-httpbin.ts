import { setImmediate as nextTurn } from 'node:timers/promises';

import type { HttpHandler, HttpRequest, HttpResponse, Peer } from '../../net/http.ts';
import { commandLine } from '../command-line.ts';
import { idle } from '../idle.ts';
import { repositoryOf } from '../images.ts';
import { logTime } from '../log-time.ts';
import type { ContainerContext, Program } from '../program.ts';
import { asAsked } from '../text-server.ts';
import { answer, readRequest, type Surroundings } from './go/asked.ts';
import { errorPage } from './python/answers.ts';
import { ROUTES } from './python/routes.ts';

const IMAGES = ['kennethreitz/httpbin', 'kong/httpbin'];

interface GunicornOptions {
  readonly port: number;
  readonly worker: string;
  readonly hasAccessLog: boolean;
}

/** The first httpbin, Flask in gunicorn (httpbin.org): what tasks of Istio's documentation deploy themselves. */
export const pythonHttpbin: Program = {
  images: IMAGES,
  matches: (image) => IMAGES.includes(repositoryOf(image)),
  commands: ['bash', 'apt', 'apt-get', 'getent'],
  start(context) {
    const words = commandLine(context.container);
    if (words.length > 0 && !words.some((word) => /\bgunicorn\b/.test(word))) {
      return context.run(words);
    }
    const options = readOptions(words.join(' '));
    const listening = context.network.listen(options.port, {
      type: 'http',
      handle: serve(context, options),
    });
    greet(context, options);
    return idle(listening);
  },
};

function readOptions(line: string): GunicornOptions {
  const [, port = '80'] = /(?:-b|--bind)[ =]\S*:(\d+)/.exec(line) ?? [];
  const [, worker = line === '' ? 'gevent' : 'sync'] =
    /(?:-k|--worker-class)[ =](\w+)/.exec(line) ?? [];
  return { port: Number(port), worker, hasAccessLog: /--access-logfile[ =]-(?: |$)/.test(line) };
}

function greet({ clock, log }: ContainerContext, { port, worker }: GunicornOptions): void {
  const time = new Date(clock.now()).toISOString().slice(0, 19).replace('T', ' ');
  for (const line of [
    '[1] [INFO] Starting gunicorn 19.9.0',
    `[1] [INFO] Listening at: http://0.0.0.0:${port} (1)`,
    `[1] [INFO] Using worker: ${worker}`,
    '[8] [INFO] Booting worker with pid: 8',
  ]) {
    log(`[${time} +0000] ${line}`);
  }
}

function serve(context: ContainerContext, { hasAccessLog }: GunicornOptions): HttpHandler {
  return async (request, peer) => {
    // As in go-httpbin: requests that come together are under way together.
    await nextTurn();
    const answered = await respond(request, peer, context);
    const response = finish(request, answered, context);
    if (hasAccessLog) {
      const time = logTime(new Date(context.clock.now()));
      const referer = request.headers.get('referer') ?? '-';
      const agent = request.headers.get('user-agent') ?? '-';
      context.log(
        `${peer.ip} - - [${time} +0000] "${request.method} ${request.path} HTTP/1.1" ${response.status} ` +
          `${response.body.byteLength} "${referer}" "${agent}"`,
      );
    }
    return response;
  };
}

/** What httpbin.org answers: the same program, outside of any cluster. */
export async function publicHttpbin({
  request: original,
  from,
  isSecure,
  ...context
}: Surroundings & {
  readonly request: HttpRequest;
  readonly from: Peer;
  readonly isSecure: boolean;
}): Promise<HttpResponse> {
  const headers = original.headers.clone();
  if (isSecure) headers.set('x-forwarded-proto', 'https');
  const request = { ...original, headers };
  return finish(request, await respond(request, from, context), context);
}

async function respond(...[request, peer, context]: Parameters<typeof readRequest>) {
  const asked = readRequest(request, peer, context);
  const best = ROUTES.bestFit(asked.path);
  if (!best) return errorPage(404);
  const { methods, handle, parts } = best;
  const allowed = methods.includes('GET')
    ? [...methods, 'HEAD', 'OPTIONS']
    : [...methods, 'OPTIONS'];
  if (request.method === 'OPTIONS') return answer('', { headers: [['allow', allowed.join(', ')]] });
  if (!allowed.includes(request.method)) return errorPage(405, [['allow', allowed.join(', ')]]);
  return handle({ ...asked, parts });
}

function finish(request: HttpRequest, response: HttpResponse, { clock }: Surroundings) {
  const { headers } = response;
  headers.set('server', 'gunicorn/19.9.0');
  headers.set('date', new Date(clock.now()).toUTCString());
  headers.set('access-control-allow-origin', request.headers.get('origin') ?? '*');
  headers.set('access-control-allow-credentials', 'true');
  return asAsked(request, response);
}
