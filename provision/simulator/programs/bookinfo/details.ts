import { logTime } from '../log-time.ts';
import { answer, type BookinfoService, json, pathOf } from './http-service.ts';

/** What is known of the book: Bookinfo's details service (Ruby's WEBrick). */
export const detailsV1: BookinfoService = {
  name: 'details-v1',
  commands: ['bash', 'curl'],
  greeting: ({ clock }) => {
    const time = new Date(clock.now()).toISOString().slice(0, 19).replace('T', ' ');
    return [
      `[${time}] INFO  WEBrick 1.9.1`,
      `[${time}] INFO  WEBrick::HTTPServer#start: pid=1 port=9080`,
    ];
  },
  serve:
    ({ clock, log }) =>
    async (request) => {
      const path = pathOf(request);
      const response = respond(path);
      const time = logTime(new Date(clock.now()));
      log(
        `127.0.0.6 - - [${time} UTC] "${request.method} ${request.path} HTTP/1.1" ${response.status} ${response.body.length}`,
      );
      log(`- -> ${request.path}`);
      return response;
    },
};

function respond(path: string) {
  if (path === '/health') return json(200, { status: 'Details is healthy' });
  const id = /^\/details\/(.*)$/.exec(path)?.[1];
  if (id === undefined) return answer(404, 'text/plain', 'Not Found\n');
  if (!/^-?\d+$/.test(id)) return json(400, { error: 'please provide numeric product id' });
  return json(200, {
    id: Number(id),
    author: 'William Shakespeare',
    year: 1595,
    type: 'paperback',
    pages: 200,
    publisher: 'PublisherA',
    language: 'English',
    'ISBN-10': '1234567890',
    'ISBN-13': '123-1234567890',
  });
}
