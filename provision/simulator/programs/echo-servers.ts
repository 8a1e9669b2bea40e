import type { HttpRequest, Peer } from '../net/http.ts';
import { commandLine } from './command-line.ts';
import { goFlag } from './go/flag.ts';
import { canonicalHeader } from './go/headers.ts';
import type { ContainerContext } from './program.ts';
import { goLogTime, textServer } from './text-server.ts';

/** Tells requests back in its first form, that of `echoserver:1.4`, or with the pod's name, as from 1.5 on. */
export const echoServer = textServer({
  images: ['echoserver', 'google_containers/echoserver', 'google-containers/echoserver'],
  commands: ['bash', 'curl'],
  port: () => 8080,
  serve: (context) => (request, peer) => {
    const isFirstForm = /:1\.[0-4]$/.test(context.container.image);
    const text = isFirstForm ? firstForm(request, peer) : laterForm(context, request, peer);
    return { text, type: 'text/plain' };
  },
});

/** Answers what its `-text` says, on port 5678 or where `-listen` says. */
export const httpEcho = textServer({
  images: ['hashicorp/http-echo'],
  hasShell: false,
  port: portOf,
  greeting: (context) => [
    `${goLogTime(context)} [INFO] server is listening on :${portOf(context)}`,
  ],
  serve: (context) => (request, peer) => {
    const text = `${flag(context, 'text') ?? context.env['ECHO_TEXT'] ?? 'hello-world'}\n`;
    const agent = request.headers.get('user-agent') ?? '';
    context.log(
      `${goLogTime(context)} ${request.authority} ${peer.ip}:${peer.port} "${request.method} ${request.path} HTTP/1.1" 200 ${text.length} "${agent}" 0s`,
    );
    return { text };
  },
});

/** Says who answers and what came: name, addresses and the request's head, on port 80 or where `--port` says. */
export const whoami = textServer({
  images: ['traefik/whoami', 'containous/whoami'],
  hasShell: false,
  port: (context) => Number(flag(context, 'port') ?? context.env['WHOAMI_PORT_NUMBER']) || 80,
  greeting: (context) => [`${goLogTime(context)} Starting up on port 80`],
  serve:
    ({ pod, network }) =>
    (request, peer) => ({
      text: [
        `Hostname: ${pod.metadata.name}`,
        'IP: 127.0.0.1',
        `IP: ${network.ip}`,
        `RemoteAddr: ${peer.ip}:${peer.port}`,
        `${request.method} ${request.path} HTTP/1.1`,
        `Host: ${request.authority}`,
        ...[...request.headers].map(([name, value]) => `${canonicalHeader(name)}: ${value}`),
        '\n',
      ].join('\n'),
    }),
});

function firstForm(request: HttpRequest, peer: Peer): string {
  const { path, query } = split(request);
  return [
    'CLIENT VALUES:',
    `client_address=${peer.ip}`,
    `command=${request.method}`,
    `real path=${path}`,
    `query=${query || 'nil'}`,
    'request_version=1.1',
    `request_uri=http://${request.authority}:8080${request.path}`,
    '',
    'SERVER VALUES:',
    'server_version=nginx: 1.10.0 - lua: 10001',
    '',
    'HEADERS RECEIVED:',
    ...headerLines(request),
    'BODY:',
    bodyOf(request),
  ].join('\n');
}

function laterForm({ pod }: ContainerContext, request: HttpRequest, peer: Peer): string {
  const { path, query } = split(request);
  return [
    '\n',
    `Hostname: ${pod.metadata.name}`,
    '',
    'Pod Information:',
    '\t-no pod information available-',
    '',
    'Server values:',
    '\tserver_version=nginx: 1.13.3 - lua: 10008',
    '',
    'Request Information:',
    `\tclient_address=${peer.ip}`,
    `\tmethod=${request.method}`,
    `\treal path=${path}`,
    `\tquery=${query}`,
    '\trequest_version=1.1',
    '\trequest_scheme=http',
    `\trequest_uri=http://${request.authority}:8080${request.path}`,
    '',
    'Request Headers:',
    ...headerLines(request).map((line) => `\t${line}`),
    '',
    'Request Body:',
    `\t${bodyOf(request)}`,
    '',
  ].join('\n');
}

function headerLines({ authority, headers }: HttpRequest): readonly string[] {
  const others = [...headers].filter(([name]) => name !== 'host');
  return [...others, ['host', authority] as const]
    .map(([name, value]) => `${name}=${value}`)
    .toSorted();
}

function bodyOf({ body }: HttpRequest): string {
  return body.byteLength > 0 ? Buffer.from(body).toString() : '-no body in request-';
}

function split({ path }: HttpRequest) {
  const [before = '', query = ''] = path.split('?', 2);
  return { path: before, query };
}

function flag({ container }: ContainerContext, name: string): string | undefined {
  return goFlag(commandLine(container), name);
}

function portOf(context: ContainerContext): number {
  return Number(flag(context, 'listen')?.split(':').at(-1)) || 5678;
}
