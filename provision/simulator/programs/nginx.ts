import type { Duplex } from 'node:stream';

import { httpBridge } from '../net/http-bridge.ts';
import { type Caller, type HttpHandler, HttpHeaders } from '../net/http.ts';
import type { Listener } from '../net/network.ts';
import { acceptTls } from '../net/tls-server.ts';
import { commandLine } from './command-line.ts';
import { idle } from './idle.ts';
import { repositoryOf } from './images.ts';
import { DEBIAN } from './linux.ts';
import { logTime } from './log-time.ts';
import { type NginxServer, nginxServers } from './nginx-servers.ts';
import type { ContainerContext, Program } from './program.ts';

const ROOT = '/usr/share/nginx/html';
const CONFIGURATION = '/etc/nginx/nginx.conf';
const LATEST_VERSION = '1.29.3';

const UNPRIVILEGED = 'nginxinc/nginx-unprivileged';
/** `nginx-slim` and the image of the project's tests are those of the documentation's StatefulSets and Deployments. */
const IMAGES = new Set([
  'nginx',
  UNPRIVILEGED,
  'nginx-slim',
  'google_containers/nginx-slim',
  'e2e-test-images/nginx',
]);

const WELCOME_PAGE = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>This page comes from the web server of a simulated container. Put files of your own into
${ROOT} and they are served instead.</p>
</body>
</html>
`;

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css',
  html: 'text/html',
  js: 'application/javascript',
  json: 'application/json',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  xml: 'text/xml',
};

/** nginx: files below /usr/share/nginx/html on port 80, or as its configuration says, also in TLS; and its access log. */
export const nginx: Program = {
  images: ['nginx', 'nginxinc/nginx-unprivileged', 'registry.k8s.io/nginx-slim'],
  matches: (image) => IMAGES.has(repositoryOf(image)),
  commands: ['bash', 'curl', 'apt', 'apt-get', 'getent'],
  files: {
    ...DEBIAN,
    [`${ROOT}/index.html`]: WELCOME_PAGE,
    [CONFIGURATION]: `# The simulated nginx serves ${ROOT}; of a configuration it reads listen, root and ssl_….\n`,
  },
  start(context) {
    const { container, network, log } = context;
    if (container.command ?? container.args) {
      const words = commandLine(container);
      if (!/(^|\/)nginx$/.test(words[0] ?? '')) return context.run(words);
    }
    const port = repositoryOf(container.image) === UNPRIVILEGED ? 8080 : 80;
    const version = versionOf(container.image);
    using stack = new DisposableStack();
    for (const server of serversOf(context, port)) {
      stack.use(network.listen(server.port, listenerOf(server, context)));
    }
    log(`[notice] 1#1: nginx/${version} (Regatta simulator)`);
    log('[notice] 1#1: start worker processes');
    if (container.volumeMounts?.some(({ mountPath }) => /^\/etc\/nginx(\/|$)/.test(mountPath))) {
      log('[warn] 1#1: of its configuration the simulated nginx reads listen, root and ssl_…');
    }
    return idle(stack.move());
  },
};

/** The version that a tag names in full: `1.14.2`, `1.14-2`; that of today for all others. */
function versionOf(image: string): string {
  return /:(\d+\.\d+[.-]\d+)/.exec(image)?.[1]?.replace('-', '.') ?? LATEST_VERSION;
}

/** What is listened on: as the configuration says, else the image's own port. */
function serversOf({ readFile }: ContainerContext, port: number): readonly NginxServer[] {
  for (const path of [CONFIGURATION, '/etc/nginx/conf.d/default.conf']) {
    const servers = nginxServers(readFile(path) ?? '');
    if (servers.length > 0) return servers;
  }
  return [{ port, root: undefined }];
}

function listenerOf(server: NginxServer, context: ContainerContext): Listener {
  const handle = serve(context, server.root ?? ROOT);
  const { tls } = server;
  if (!tls) return { type: 'http', handle };
  const accept = async (connection: Duplex, peer: Caller) => {
    const { clientAuthorities } = tls;
    const ca = clientAuthorities === undefined ? undefined : context.readFile(clientAuthorities);
    try {
      const secure = await acceptTls(connection, {
        cert: context.readFile(tls.certificate),
        key: context.readFile(tls.key),
        ALPNProtocols: ['http/1.1'],
        // nginx takes every client and says what it thinks of it in an answer.
        ...(clientAuthorities !== undefined && {
          ca,
          requestCert: true,
          rejectUnauthorized: false,
        }),
      });
      const isWelcome = clientAuthorities === undefined || secure.authorized;
      httpBridge.accept(secure, peer, isWelcome ? handle : refuseClient(context));
    } catch {
      // The client has gone, or could not agree with us: it knows why.
      connection.destroy();
    }
  };
  return { type: 'tcp', accept: (connection, peer) => void accept(connection, peer) };
}

function refuseClient({ container }: ContainerContext): HttpHandler {
  const title = '400 No required SSL certificate was sent';
  const body = Buffer.from(errorPage(400, versionOf(container.image), title));
  return async () => ({
    status: 400,
    headers: new HttpHeaders([
      ['server', `nginx/${versionOf(container.image)}`],
      ['content-type', 'text/html'],
      ['content-length', String(body.length)],
    ]),
    body,
  });
}

function serve({ clock, container, log, readFile }: ContainerContext, root: string): HttpHandler {
  const version = versionOf(container.image);
  return async (request, peer) => {
    const path = decodeURIComponent(new URL(request.path, 'http://localhost').pathname);
    const file = readFile(`${root}${path.endsWith('/') ? `${path}index.html` : path}`);
    const isAllowed = request.method === 'GET' || request.method === 'HEAD';
    const status = !isAllowed ? 405 : file === undefined ? 404 : 200;
    const body = Buffer.from(status === 200 ? (file ?? '') : errorPage(status, version));
    const extension = path.endsWith('/') ? 'html' : path.slice(path.lastIndexOf('.') + 1);
    const type = status === 200 ? (TYPES[extension] ?? 'application/octet-stream') : 'text/html';
    const now = new Date(clock.now());
    const sent = request.method === 'HEAD' ? new Uint8Array() : body;
    const agent = request.headers.get('user-agent') ?? '-';
    const referer = request.headers.get('referer') ?? '-';
    const forwarded = request.headers.get('x-forwarded-for') ?? '-';
    log(
      `${peer.ip} - - [${logTime(now)} +0000] "${request.method} ${request.path} HTTP/1.1" ${status} ` +
        `${sent.byteLength} "${referer}" "${agent}" "${forwarded}"`,
    );
    return {
      status,
      headers: new HttpHeaders([
        ['server', `nginx/${version}`],
        ['date', now.toUTCString()],
        ['content-type', type],
        ['content-length', String(body.byteLength)],
        ...(status === 200 ? ([['accept-ranges', 'bytes']] as const) : []),
      ]),
      body: sent,
    };
  };
}

const REASONS: Readonly<Record<number, string>> = { 404: 'Not Found', 405: 'Not Allowed' };

function errorPage(
  status: number,
  version: string,
  title = `${status} ${REASONS[status] ?? 'Error'}`,
): string {
  return [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    `<hr><center>nginx/${version}</center>`,
    '</body>',
    '</html>',
    '',
  ].join('\r\n');
}
