import type { Socket } from 'socket.io';

import type {
  ClientEvents,
  HomeState,
  ServerEvents,
  SessionEnd,
  TerminalPass,
  TimeView,
} from '#protocol';

import type { Session } from '../session/session.ts';

type NewsSocket = Pick<Socket<ClientEvents, ServerEvents, Record<string, never>>, 'emit'>;

/** Tells a page what happens in its session, until it is disposed of. */
export function tellNews(
  socket: NewsSocket,
  session: Session,
  tellProgress: () => void,
): Disposable {
  const tellCluster = () => socket.emit('session:cluster', session.cluster);
  const tellTerminal = (terminal: TerminalPass) => socket.emit('terminal:opened', terminal);
  const tellTime = (time: TimeView) => socket.emit('session:time', time);
  const tellHome = (home: HomeState) => socket.emit('session:home', home);
  const tellEnd = (why: SessionEnd) => socket.emit('session:ended', why);
  session.on('progress', tellProgress);
  session.on('cluster', tellCluster);
  session.on('terminal', tellTerminal);
  session.on('time', tellTime);
  session.on('home', tellHome);
  session.on('ended', tellEnd);
  return {
    [Symbol.dispose]() {
      session.off('progress', tellProgress);
      session.off('cluster', tellCluster);
      session.off('terminal', tellTerminal);
      session.off('time', tellTime);
      session.off('home', tellHome);
      session.off('ended', tellEnd);
    },
  };
}
