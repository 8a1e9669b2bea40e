import { HttpHeaders, type HttpRequest, type HttpResponse, type Peer } from '../net/http.ts';
import { idle } from './idle.ts';
import { repositoryOf } from './images.ts';
import type { ContainerContext, Program } from './program.ts';

/** What a small server answers: a text, or a text with a status and a content type. */
export interface Answer {
  /** Default 200. */
  readonly status?: number;
  /** Default `text/plain; charset=utf-8`, as Go's servers find out. */
  readonly type?: string;
  readonly text: string;
}

/** One image with one small web server. */
export interface TextServer {
  /** Repositories without registry and tag. */
  readonly images: readonly string[];
  /** False for images that hold the server and nothing else. Default true. */
  readonly hasShell?: boolean;
  readonly commands?: readonly string[];
  /** Where it listens. */
  readonly port: (context: ContainerContext) => number;
  /** Lines it logs once it listens. */
  readonly greeting?: (context: ContainerContext) => readonly string[];
  /** Makes what answers requests, with state of its own for each container. */
  readonly serve: (context: ContainerContext) => (request: HttpRequest, peer: Peer) => Answer;
}

/** The program of an image that only answers requests; a command line that is no flag of it is run by the shell. */
export function textServer(server: TextServer): Program {
  const { hasShell = true, commands } = server;
  return {
    images: server.images,
    matches: (image) => server.images.includes(repositoryOf(image)),
    hasShell,
    ...(commands && { commands }),
    start(context) {
      const { command, args = [] } = context.container;
      if (command && hasShell) return context.run([...command, ...args]);
      const answer = server.serve(context);
      const listening = context.network.listen(server.port(context), {
        type: 'http',
        handle: async (request, peer) => httpAnswer(answer(request, peer)),
      });
      for (const line of server.greeting?.(context) ?? []) context.log(line);
      return idle(listening);
    },
  };
}

/** An answer as it goes over the network. */
export function httpAnswer({ status = 200, type = 'text/plain; charset=utf-8', text }: Answer) {
  const body = Buffer.from(text);
  const headers = new HttpHeaders([
    ['content-type', type],
    ['content-length', String(body.byteLength)],
  ]);
  return { status, headers, body };
}

/** An answer as its request has it: one to HEAD goes without a body, but with the length that it would have. */
export function asAsked({ method }: HttpRequest, response: HttpResponse): HttpResponse {
  return method === 'HEAD' ? { ...response, body: new Uint8Array() } : response;
}

/** The path of a request without its query. */
export function pathOf({ path }: HttpRequest): string {
  const query = path.indexOf('?');
  return query < 0 ? path : path.slice(0, query);
}

/** The time that Go's log package puts before a line: `2026/11/25 20:51:39`. */
export function goLogTime({ clock }: ContainerContext): string {
  return new Date(clock.now()).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
}
