import type { Json } from '../../kinds/object.ts';
import { HttpHeaders, type HttpRequest, type HttpResponse } from '../../net/http.ts';
import { idle } from '../idle.ts';
import { repositoryOf } from '../images.ts';
import type { ContainerContext, Program } from '../program.ts';

/** Where all of Bookinfo's services listen. */
export const PORT = 9080;

/** One version of one service: what the image is called and how it answers. */
export interface BookinfoService {
  /** `details-v1`: the image is `examples-bookinfo-details-v1`. */
  readonly name: string;
  readonly commands: readonly string[];
  /** Lines it logs before it listens. */
  readonly greeting: (context: ContainerContext) => readonly string[];
  /** Makes what answers requests, with state of its own for each container. */
  readonly serve: (context: ContainerContext) => (request: HttpRequest) => Promise<HttpResponse>;
}

/** The program in a Bookinfo image, of whatever registry and tag. */
export function bookinfoProgram(service: BookinfoService): Program {
  const image = `examples-bookinfo-${service.name}`;
  return {
    images: [`istio/${image}`],
    matches: (written) => repositoryOf(written).split('/').at(-1) === image,
    commands: service.commands,
    start(context) {
      for (const line of service.greeting(context)) context.log(line);
      const listening = context.network.listen(PORT, {
        type: 'http',
        handle: service.serve(context),
      });
      return idle(listening);
    },
  };
}

/** An answer in JSON. */
export function json(status: number, value: Json): HttpResponse {
  return answer(status, 'application/json', JSON.stringify(value));
}

/** An answer of a content type. */
export function answer(
  status: number,
  contentType: string,
  text: string,
  headers: readonly (readonly [string, string])[] = [],
): HttpResponse {
  const body = Buffer.from(text);
  return {
    status,
    headers: new HttpHeaders([
      ['content-type', contentType],
      ['content-length', String(body.length)],
      ...headers,
    ]),
    body,
  };
}
