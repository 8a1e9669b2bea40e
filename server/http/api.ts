import express, { type Request, type RequestHandler, type Response, Router } from 'express';

import { type CatalogueView, isLocale, type Locale } from '#protocol';

import { inLocale } from '../labs/lab.ts';
import { REQUEST_BODY } from '../limits.ts';
import { Problem } from '../problem.ts';
import { toSessionView } from '../session/session-view.ts';
import type { ServerContext } from './context.ts';
import { fileRoutes } from './files.ts';
import { LearnerDesk } from './learner.ts';
import { isFromForeignPage, isSameOrigin } from './origin.ts';

/** The page's API: catalogue, lessons, sessions, previews. Documented by the types of `#protocol`. */
export function apiRoutes(context: ServerContext): Router {
  const router = Router();
  const desk = new LearnerDesk(context.store);
  const learnerOf = (request: Request, response: Response) => desk.admit(request, response);
  router.use(refuseForeignOrigins, express.json({ limit: REQUEST_BODY }));
  router.get('/labs', async (request, response) => {
    response.json(await catalogue(context, await learnerOf(request, response), localeOf(request)));
  });
  router.get('/labs/:lab', async (request, response) => {
    const lab = context.labs.find(({ id }) => id === request.params.lab);
    if (!lab) throw new Problem(404, 'lab-not-found', `There is no lab "${request.params.lab}"`);
    response.json(await context.views.view(lab, localeOf(request)));
  });
  router.post('/sessions', async (request, response) => {
    const learner = await learnerOf(request, response);
    const session = await context.sessions.open(
      learner,
      stringField(request.body, 'lab'),
      localeOf(request),
    );
    response.json(toSessionView(session, context.sandboxes.mode, localeOf(request)));
  });
  router.get('/sessions/:id', async (request, response) => {
    const learner = await learnerOf(request, response);
    const session = await context.sessions.find(learner, request.params.id, localeOf(request));
    response.json(toSessionView(session, context.sandboxes.mode, localeOf(request)));
  });
  router.delete('/sessions/:id', async (request, response) => {
    const learner = await learnerOf(request, response);
    await context.sessions.restart(learner, request.params.id);
    response.status(204).end();
  });
  router.post('/sessions/:id/tabs/:tab', async (request, response) => {
    const learner = await learnerOf(request, response);
    const session = await context.sessions.find(learner, request.params.id, localeOf(request));
    const tab = session.lab.tabs.find(({ id }) => id === request.params.tab);
    if (!tab)
      throw new Problem(404, 'tab-not-found', `This lab has no tab "${request.params.tab}"`);
    const url = await context.previews.open(
      session,
      tab,
      `${request.protocol}://${request.headers.host ?? ''}`,
    );
    response.json({ url });
  });
  router.use(
    fileRoutes(async (request, response) => {
      const learner = await learnerOf(request, response);
      return context.sessions.find(learner, String(request.params['id']), localeOf(request));
    }),
  );
  router.use((request) => {
    throw new Problem(404, 'not-found', `There is nothing at ${request.originalUrl}`);
  });
  return router;
}

const refuseForeignOrigins: RequestHandler = (request, _response, next) => {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  // A page names itself whenever it changes something; when it reads its own server, it may not.
  const mayBeSilent = isRead && request.headers.origin === undefined;
  if (isFromForeignPage(request) || !(mayBeSilent || isSameOrigin(request))) {
    throw new Problem(
      403,
      'foreign-origin',
      'This request does not come from a page of this server',
    );
  }
  next();
};

async function catalogue(
  context: ServerContext,
  learner: string,
  locale: Locale,
): Promise<CatalogueView> {
  const sessions = new Map(
    (await context.store.sessionsOf(learner)).map((session) => [session.lab, session.id]),
  );
  const labs = context.labs.map(async (lab) => {
    const session = sessions.get(lab.id);
    return {
      id: lab.id,
      title: inLocale(lab.title, locale),
      description: inLocale(lab.description, locale),
      minutes: lab.minutes,
      difficulty: lab.difficulty,
      stepCount: lab.steps.length,
      doneCount: session === undefined ? 0 : (await context.store.doneSteps(session)).length,
      hasSession: session !== undefined,
    };
  });
  const errors = context.problems.filter(({ severity }) => severity === 'error');
  return {
    labs: await Promise.all(labs),
    broken: errors.map(({ file, line, message }) => ({
      id: file.split('/')[0] ?? file,
      problem: `${file}:${line} ${message}`,
    })),
  };
}

function localeOf(request: Request): Locale {
  const { locale } = request.query;
  return isLocale(locale) ? locale : 'en';
}

function stringField(body: unknown, name: string): string {
  if (typeof body === 'object' && body !== null && name in body) {
    const value = Object.entries(body).find(([key]) => key === name)?.[1];
    if (typeof value === 'string') return value;
  }
  throw new Problem(400, 'bad-request', `The request needs "${name}"`);
}
