import type { HttpHandler, HttpRequest } from '../net/http.ts';
import { idle } from './idle.ts';
import { repositoryOf } from './images.ts';
import type { ContainerContext, Program } from './program.ts';
import { httpAnswer, pathOf } from './text-server.ts';

const IMAGE = 'regatta/notification-sink';
const PORT = 8080;
/** Messages that are kept; older ones are forgotten. */
const MESSAGES_LIMIT = 200;
/** Longest message that is taken, in bytes. */
const MESSAGE_LIMIT_BYTES = 16 * 1024;

interface Message {
  readonly receivedAt: string;
  readonly method: string;
  readonly path: string;
  readonly from: string;
  /** The JSON that came, or its text. */
  readonly body: unknown;
}

/** A receiver of webhooks that shows what it got: anything that is posted, at GET /messages; DELETE /messages forgets it. */
export const notificationSink: Program = {
  images: [IMAGE],
  matches: (image) => repositoryOf(image) === IMAGE,
  hasShell: false,
  start(context) {
    const port = Number(context.env['PORT']) || PORT;
    const listening = context.network.listen(port, { type: 'http', handle: serve(context) });
    context.log(`notification-sink listening on :${port}`);
    return idle(listening);
  },
};

function serve({ clock, log }: ContainerContext): HttpHandler {
  let messages: readonly Message[] = [];
  return async (request, peer) => {
    const { method } = request;
    const path = pathOf(request);
    if (path === '/health') return httpAnswer({ text: 'ok\n' });
    if (path === '/messages' && (method === 'GET' || method === 'HEAD')) {
      return json(200, { count: messages.length, messages });
    }
    if (path === '/messages' && method === 'DELETE') {
      messages = [];
      return httpAnswer({ status: 204, text: '' });
    }
    if (method !== 'POST' && method !== 'PUT') {
      return json(405, { error: 'POST a notification, or GET /messages' });
    }
    if (request.body.byteLength > MESSAGE_LIMIT_BYTES) {
      return json(413, { error: `a notification has at most ${MESSAGE_LIMIT_BYTES} bytes` });
    }
    const message: Message = {
      receivedAt: new Date(clock.now()).toISOString(),
      method,
      path: request.path,
      from: request.headers.get('x-forwarded-for') ?? peer.ip,
      body: bodyOf(request),
    };
    messages = [...messages, message].slice(-MESSAGES_LIMIT);
    log(JSON.stringify(message));
    return json(202, { accepted: true, count: messages.length });
  };
}

function json(status: number, value: unknown) {
  return httpAnswer({
    status,
    type: 'application/json',
    text: `${JSON.stringify(value, null, 2)}\n`,
  });
}

function bodyOf({ body }: HttpRequest): unknown {
  const text = Buffer.from(body).toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
