import type { Server as HttpServer } from 'node:http';

import { Server, type Socket } from 'socket.io';

import { type ClientEvents, isLocale, type Locale, type ServerEvents, wire } from '#protocol';

import { Allowance } from '../allowance.ts';
import { answerWith } from '../answer.ts';
import type { ServerContext } from '../http/context.ts';
import { knownLearner } from '../http/learner.ts';
import { isOwnHost, isSameOrigin } from '../http/origin.ts';
import { MESSAGE_RATE, SOCKET_ADMISSION_MS, SOCKETS_PER_LEARNER } from '../limits.ts';
import { Problem } from '../problem.ts';
import { toCheckViews, toJoinedView, toProgressView } from '../session/session-view.ts';
import type { Session } from '../session/session.ts';
import { MESSAGE_BYTES } from '../terminal/limits.ts';
import { bindTerminals } from '../terminal/socket.ts';
import { guardConnection, guardMessages } from './message-gate.ts';
import { tellNews } from './session-news.ts';

interface SocketData {
  learner: string;
}

export type LearnerSocket = Socket<ClientEvents, ServerEvents, Record<string, never>, SocketData>;

/** The live side: sessions, checks and terminals over WebSocket. */
export function createSocketServer(http: HttpServer, context: ServerContext) {
  const io = new Server<ClientEvents, ServerEvents, Record<string, never>, SocketData>(http, {
    transports: ['websocket'],
    parser: wire,
    serveClient: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: MESSAGE_BYTES,
    pingInterval: 10_000,
    pingTimeout: 20_000,
    connectTimeout: SOCKET_ADMISSION_MS,
    // CORS does not hold for WebSockets: only this check keeps foreign pages out.
    allowRequest: (request, answer) => {
      const isOurs = isOwnHost(request.headers.host, context.listenHost) && isSameOrigin(request);
      answer(isOurs ? null : 'foreign origin', isOurs);
    },
  });
  io.engine.on('connection', guardConnection);
  io.use((socket, next) => void admit(socket, context, next));
  const seats = new Map<string, number>();
  const messages = new Allowance(MESSAGE_RATE);
  io.on('connection', (socket) => {
    const { learner } = socket.data;
    const taken = seats.get(learner) ?? 0;
    if (taken >= SOCKETS_PER_LEARNER) {
      socket.disconnect(true);
      return;
    }
    seats.set(learner, taken + 1);
    socket.on('disconnect', () => {
      const left = (seats.get(learner) ?? 1) - 1;
      if (left > 0) seats.set(learner, left);
      else seats.delete(learner);
    });
    guardMessages(socket, (cost) => messages.take(learner, cost));
    bindLearner(socket, context);
  });
  return io;
}

/** Lets known learners in; a store that cannot be asked knows nobody. */
async function admit(
  socket: LearnerSocket,
  context: ServerContext,
  next: (error?: Error) => void,
): Promise<void> {
  const learner = await knownLearner(socket.request.headers.cookie, context.store).catch(
    (error: unknown) => {
      context.log.error({ err: error }, 'Cannot tell who asks');
      return undefined;
    },
  );
  socket.data.learner = learner ?? '';
  const problem = new Problem(401, 'no-learner', 'This browser is not known here; reload the page');
  next(learner === undefined ? problem : undefined);
}

/** One browser tab of a learner: it joins one session and then acts in it. */
function bindLearner(socket: LearnerSocket, context: ServerContext): void {
  let session: Session | undefined;
  let hasAsked = false;
  let locale: Locale = 'en';
  const attachment = new DisposableStack();

  const current = (): Session => {
    if (session) return session;
    throw new Problem(409, 'not-joined', 'Join a session first');
  };
  const tellProgress = () => {
    if (session) socket.emit('session:progress', toProgressView(session, locale));
  };

  bindTerminals(socket, {
    open: (size) => current().openTerminal(size),
    find: (id) => session?.terminal(id),
    touch: () => session?.touch(),
    close: (id) => current().closeTerminal(id),
    log: context.log,
  });
  socket.on('session:join', (request, answer) => {
    void answerWith(context.log, answer, async () => {
      if (hasAsked) throw new Problem(409, 'already-joined', 'A page joins one session');
      hasAsked = true;
      const joined = await context.sessions
        .find(socket.data.learner, sessionOf(request), localeOf(request?.locale))
        .catch((error: unknown) => {
          hasAsked = false;
          throw error;
        });
      // Nobody would let go of what a socket takes after its end.
      if (socket.disconnected) throw new Problem(409, 'not-joined', 'The page has gone');
      session = joined;
      locale = localeOf(request?.locale);
      attachment.use(joined.watch());
      attachment.use(tellNews(socket, joined, tellProgress));
      return toJoinedView(joined, context.sandboxes.mode, locale);
    });
  });
  socket.on('session:locale', (wanted) => {
    locale = localeOf(wanted);
    tellProgress();
  });
  socket.on('session:extend', (answer) => {
    void answerWith(context.log, answer, async () => current().extend());
  });
  socket.on('session:active', () => session?.touch());
  socket.on('session:ping', (answer) => {
    if (typeof answer === 'function') answer();
  });
  socket.on('session:leave', () => session?.leave());
  socket.on('step:check', (step, answer) => {
    void answerWith(context.log, answer, async () => {
      current().touch();
      const results = await current().check(Number.isInteger(step) ? step : -1);
      return toCheckViews(current(), step, results, locale);
    });
  });
  socket.on('disconnect', () => attachment.dispose());
}

/** The id in a request whose shape nobody has checked; an impossible one finds nothing. */
function sessionOf(request: unknown): string {
  const isShaped = typeof request === 'object' && request !== null && 'session' in request;
  return isShaped && typeof request.session === 'string' ? request.session : '';
}

function localeOf(value: unknown): Locale {
  return isLocale(value) ? value : 'en';
}
