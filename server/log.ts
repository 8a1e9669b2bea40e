import { pino } from 'pino';

export type { Logger } from 'pino';

/** The server's log: JSON lines on standard error; cookies and grants never reach it. */
export function createLog(level: string) {
  return pino(
    {
      level,
      base: null,
      redact: ['req.headers.cookie', 'req.headers.authorization', 'headers.cookie', 'grant'],
    },
    pino.destination(2),
  );
}
