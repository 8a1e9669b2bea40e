import path from 'node:path';

import express, { type ErrorRequestHandler, type Express } from 'express';
import helmet from 'helmet';

import type { ProblemView } from '#protocol';

import { Problem, toProblemView } from '../problem.ts';
import { apiRoutes } from './api.ts';
import type { ServerContext } from './context.ts';
import { isOwnHost } from './origin.ts';

const PAGE_ROUTES = /^\/(?:labs\/(?<lab>[^/]+)\/?)?$/;

/** The server's HTTP side: health, the API, previews under names of their own, and the page. */
export function createApp(context: ServerContext): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use((request, response, next) => context.previews.handle(request, response, next));
  app.use((request, _response, next) => {
    if (!isOwnHost(request.headers.host, context.listenHost)) {
      throw new Problem(421, 'unknown-host', 'This server does not answer to that host name');
    }
    next();
  });
  app.use(securityHeaders(context));
  app.get('/healthz', (_request, response) => {
    response.json({
      status: 'ok',
      version: context.version,
      sessions: context.sessions.load,
      sandbox: { mode: context.sandboxes.mode, limits: context.sandboxes.limits },
      labs: context.labs.length,
    });
  });
  app.use('/api', apiRoutes(context));
  // Vite names assets by their content, so that they never change under a name.
  app.use(
    '/assets',
    express.static(path.join(context.pageFolder, 'assets'), { immutable: true, maxAge: '1y' }),
  );
  app.use(express.static(context.pageFolder, { index: false, maxAge: 0 }));
  app.get('/{*path}', (request, response) => {
    const lab = PAGE_ROUTES.exec(request.path)?.groups?.['lab'];
    const isKnown =
      PAGE_ROUTES.test(request.path) &&
      (lab === undefined || context.labs.some(({ id }) => id === lab));
    response.status(isKnown ? 200 : 404).sendFile('index.html', { root: context.pageFolder });
  });
  app.use(errorAnswer(context));
  return app;
}

function securityHeaders({ previews }: ServerContext) {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // xterm.js writes its theme and cell sizes into style elements.
        styleSrc: ["'self'", "'unsafe-inline'"],
        connectSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        frameSrc: [previews.frameSource],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // The page is reached by plain HTTP on loopback and in classrooms; TLS is the proxy's in front.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginEmbedderPolicy: false,
  });
}

function errorAnswer(context: ServerContext): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = statusOf(error);
    if (status >= 500 && !(error instanceof Problem))
      context.log.error({ err: error }, 'Request failed');
    const problem: ProblemView =
      status < 500 && !(error instanceof Problem)
        ? { code: 'bad-request', message: 'The request cannot be read' }
        : toProblemView(error);
    if (problem.retryAfterSeconds !== undefined) {
      response.set('Retry-After', String(problem.retryAfterSeconds));
    }
    response.status(status).json(problem);
  };
}

/** Express's own errors (a body that is too large, not JSON) carry their status. */
function statusOf(error: unknown): number {
  if (
    typeof error === 'object' &&
    error !== null &&
    'status' in error &&
    typeof error.status === 'number'
  ) {
    return error.status;
  }
  return 500;
}
