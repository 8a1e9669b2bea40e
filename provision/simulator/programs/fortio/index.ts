import { HttpHeaders } from '../../net/http.ts';
import { goFlag } from '../go/flag.ts';
import { idle } from '../idle.ts';
import { repositoryOf } from '../images.ts';
import type { ContainerContext, Program } from '../program.ts';
import { listenTcp } from '../tcp-server.ts';
import { echoServer } from './server.ts';
import { fortioTool } from './tool.ts';
import { versionOf } from './version.ts';

const IMAGES = ['fortio/fortio', 'istio/fortio'];

/** Fortio: an echo server on 8080, a redirect to https on 8081, a TCP echo on 8078, and the load tester as a command. */
export const fortio: Program = {
  images: IMAGES,
  matches: (image) => IMAGES.includes(repositoryOf(image)),
  hasShell: false,
  workingDir: '/var/lib/fortio',
  tools: { fortio: fortioTool },
  start(context) {
    const { command, args } = context.container;
    const words = [...(command ?? ['fortio']), ...(args ?? ['server'])];
    if (words[1] !== 'server') return context.run(words);
    return idle(serve(context, words.slice(2)));
  },
};

function serve(context: ContainerContext, words: readonly string[]): Disposable {
  const { network } = context;
  const port = (name: string, byDefault: number) => portOf(words, name) ?? byDefault;
  using stack = new DisposableStack();
  stack.use(network.listen(port('http-port', 8080), { type: 'http', handle: echoServer(context) }));
  stack.use(network.listen(port('redirect-port', 8081), { type: 'http', handle: redirect }));
  stack.use(
    listenTcp(network, port('tcp-port', 8078), (connection) => connection.pipe(connection)),
  );
  const version = versionOf(context.container.image);
  const say = (message: string) => {
    const ts = (context.clock.now() / 1_000).toFixed(6);
    context.log(`{"ts":${ts},"level":"info","r":1,"msg":${JSON.stringify(message)}}`);
  };
  say(`Fortio ${version} tcp-echo TCP server listening on tcp [::]:${port('tcp-port', 8078)}`);
  say("The Regatta simulator's fortio has no gRPC ping server on 8079 and no UDP echo on 8078");
  say(
    `Fortio ${version} https redirector server listening on tcp [::]:${port('redirect-port', 8081)}`,
  );
  say(`Fortio ${version} http-echo server listening on tcp [::]:${port('http-port', 8080)}`);
  say(`All fortio ${version} servers started!`);
  return stack.move();
}

function portOf(words: readonly string[], name: string): number | undefined {
  return Number(goFlag(words, name)?.split(':').at(-1)) || undefined;
}

async function redirect({
  authority,
  path,
}: {
  readonly authority: string;
  readonly path: string;
}) {
  const location = `https://${authority.replace(/:\d+$/, '')}${path}`;
  const body = Buffer.from(`<a href="${encodeURI(location)}">See Other</a>.\n\n`);
  const headers = new HttpHeaders([
    ['location', location],
    ['content-type', 'text/html; charset=utf-8'],
    ['content-length', String(body.length)],
  ]);
  return { status: 303, headers, body };
}
