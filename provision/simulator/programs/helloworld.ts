import type { HttpHandler } from '../net/http.ts';
import { idle } from './idle.ts';
import { repositoryOf } from './images.ts';
import { logTime } from './log-time.ts';
import type { ContainerContext, Program } from './program.ts';
import { asAsked, httpAnswer, pathOf } from './text-server.ts';

const IMAGE = /^examples-helloworld-(v\d+)$/;
const PORT = 5000;

/** Istio's helloworld (Flask): says its version and pod at /hello. */
export const helloworld: Program = {
  images: ['istio/examples-helloworld-v1', 'istio/examples-helloworld-v2'],
  matches: (image) => IMAGE.test(nameOf(image)),
  commands: ['bash', 'curl'],
  start(context) {
    const { container, log, network } = context;
    if (container.command) return context.run([...container.command, ...(container.args ?? [])]);
    const listening = network.listen(PORT, { type: 'http', handle: serve(context) });
    for (const line of [
      " * Serving Flask app 'app'",
      ' * Debug mode: off',
      'WARNING: This is a development server. Do not use it in a production deployment. Use a production WSGI server instead.',
      ' * Running on all addresses (::)',
      ` * Running on http://[::1]:${PORT}`,
      ` * Running on http://${network.ip}:${PORT}`,
      'Press CTRL+C to quit',
    ]) {
      log(line);
    }
    return idle(listening);
  },
};

function nameOf(image: string): string {
  return repositoryOf(image).split('/').at(-1) ?? '';
}

function serve({ clock, container, env, log, pod }: ContainerContext): HttpHandler {
  const version = env['SERVICE_VERSION'] ?? IMAGE.exec(nameOf(container.image))?.[1] ?? 'None';
  const instance = env['HOSTNAME'] ?? pod.metadata.name;
  return async (request, peer) => {
    const answer = respond(pathOf(request), { version, instance });
    const response = httpAnswer({ type: 'text/html; charset=utf-8', ...answer });
    const now = new Date(clock.now());
    response.headers.set('server', 'Werkzeug/3.1.3 Python/3.12');
    response.headers.set('date', now.toUTCString());
    const time = logTime(now).replace(':', ' ');
    log(
      `${peer.ip} - - [${time}] "${request.method} ${request.path} HTTP/1.1" ${response.status} -`,
    );
    return asAsked(request, response);
  };
}

function respond(
  path: string,
  { version, instance }: { readonly version: string; readonly instance: string },
) {
  if (path === '/hello') return { text: `Hello version: ${version}, instance: ${instance}\n` };
  if (path === '/health') return { text: 'Helloworld is healthy' };
  return {
    status: 404,
    text:
      '<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n' +
      '<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>\n',
  };
}
