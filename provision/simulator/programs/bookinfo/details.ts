import type { Json } from '../../kinds/object.ts';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import { logTime } from '../log-time.ts';
import type { ContainerContext } from '../program.ts';
import { pathOf } from '../text-server.ts';
import { externalBook } from './external-book.ts';
import { answer, type BookinfoService, json } from './http-service.ts';

/** What is known of the book: Bookinfo's details service (Ruby's WEBrick). Version 2 asks a service on the internet. */
export const detailsV1 = details('details-v1', false);
export const detailsV2 = details('details-v2', true);

function details(name: string, asksOutside: boolean): BookinfoService {
  return {
    name,
    commands: ['bash', 'curl'],
    greeting: ({ clock }) => {
      const time = new Date(clock.now()).toISOString().slice(0, 19).replace('T', ' ');
      return [
        `[${time}] INFO  WEBrick 1.9.1`,
        `[${time}] INFO  WEBrick::HTTPServer#start: pid=1 port=9080`,
      ];
    },
    serve: (context) => {
      const isOn = context.env['ENABLE_EXTERNAL_BOOK_SERVICE'];
      const asks = isOn === undefined ? asksOutside : isOn === 'true';
      return async (request) => {
        const response = await respond(request, asks ? context : undefined);
        const time = logTime(new Date(context.clock.now()));
        context.log(
          `127.0.0.6 - - [${time} UTC] "${request.method} ${request.path} HTTP/1.1" ${response.status} ${response.body.length}`,
        );
        context.log(`- -> ${request.path}`);
        return response;
      };
    },
  };
}

/** @param outside given by the version that asks the internet */
async function respond(
  request: HttpRequest,
  outside: ContainerContext | undefined,
): Promise<HttpResponse> {
  const path = pathOf(request);
  if (/^\/health(\/|$)/.test(path)) return json(200, { status: 'Details is healthy' });
  if (!/^\/details(\/|$)/.test(path)) return answer(404, 'text/plain', 'Not Found\n');
  const id = path.split('/').findLast((part) => part !== '') ?? '';
  if (!/^[+-]?\d+$/.test(id)) return json(400, { error: 'please provide numeric product id' });
  if (!outside) return json(200, { id: Number(id), ...BOOK });
  const book = await externalBook(request.headers, outside);
  return typeof book === 'string'
    ? json(400, { error: book })
    : json(200, { id: Number(id), ...book });
}

const BOOK: Readonly<Record<string, Json>> = {
  author: 'William Shakespeare',
  year: 1595,
  type: 'paperback',
  pages: 200,
  publisher: 'PublisherA',
  language: 'English',
  'ISBN-10': '1234567890',
  'ISBN-13': '123-1234567890',
};
