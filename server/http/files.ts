import express, { type Request, type Response, Router } from 'express';

import { TRANSFER_BYTES } from '#protocol';

import { readOpenApi } from '../../verifiers/index.ts';
import { Allowance } from '../allowance.ts';
import { LearnerFiles } from '../files/learner-files.ts';
import { FILE_RATE } from '../files/limits.ts';
import { Transfers } from '../files/transfers.ts';
import { Problem } from '../problem.ts';
import type { Session } from '../session/session.ts';

/** Who asks, and for which session of theirs. @throws Problem `session-not-found` */
export type FindSession = (request: Request, response: Response) => Promise<Session>;

/** The learner's files, under `/sessions/:id/files`; each answer is made by a program in the sandbox. */
export function fileRoutes(findSession: FindSession): Router {
  const router = Router();
  const rate = new Allowance(FILE_RATE);
  const transfers = new Transfers();

  const open = async (request: Request, response: Response, isDeed = false) => {
    const session = await findSession(request, response);
    rate.spend(session.learner);
    // Looking, which the page does by itself, keeps no session awake.
    if (isDeed) session.touch();
    const { sandbox } = await session.whenReady();
    return { session, files: new LearnerFiles(sandbox) };
  };

  router.get('/sessions/:id/files', async (request, response) => {
    const { files } = await open(request, response);
    response.json(await files.list(request.query['path']));
  });
  router.get('/sessions/:id/files/text', async (request, response) => {
    const { session, files } = await open(request, response);
    const path = request.query['path'];
    response.json(await transfers.during(session.learner, () => files.read(path)));
  });
  router.get('/sessions/:id/files/version', async (request, response) => {
    const { files } = await open(request, response);
    response.json(await files.version(request.query['path']));
  });
  router.put('/sessions/:id/files', async (request, response) => {
    const { session, files } = await open(request, response, true);
    const { path, version } = request.query;
    const write = async () =>
      files.write(path, { version, bytes: await bodyOf(request, response) });
    response.json(await transfers.during(session.learner, write));
  });
  router.delete('/sessions/:id/files', async (request, response) => {
    const { files } = await open(request, response, true);
    await files.delete(request.query['path']);
    response.status(204).end();
  });
  router.post('/sessions/:id/files/folders', async (request, response) => {
    const { files } = await open(request, response, true);
    response.json(await files.makeFolder(fieldOf(request.body, 'path')));
  });
  router.post('/sessions/:id/files/moves', async (request, response) => {
    const { files } = await open(request, response, true);
    response.json(await files.move(fieldOf(request.body, 'from'), fieldOf(request.body, 'to')));
  });
  router.get('/sessions/:id/files/download', async (request, response) => {
    const { session, files } = await open(request, response, true);
    const path = request.query['path'];
    const { name, bytes } = await transfers.during(session.learner, () => files.download(path));
    // Whatever the file is, it never runs as a page of this server.
    response.set({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", '%27')}`,
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    response.send(bytes);
  });
  router.get('/sessions/:id/schemas', async (request, response) => {
    const session = await findSession(request, response);
    rate.spend(session.learner);
    const { cluster } = await session.whenReady();
    const group = groupOf(request.query['group']);
    const text = await transfers.during(session.learner, () =>
      readOpenApi(cluster.serverKubeconfig, group),
    );
    if (text === undefined) {
      throw new Problem(502, 'no-schemas', 'The cluster does not tell its schemas');
    }
    response.type('json').send(text);
  });
  return router;
}

const readBody = express.raw({ type: () => true, limit: TRANSFER_BYTES, inflate: false });

async function bodyOf(request: Request, response: Response): Promise<Buffer> {
  await new Promise<void>((resolve, reject) => {
    readBody(request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(problemOf(error));
    });
  });
  const body: unknown = request.body;
  if (Buffer.isBuffer(body)) return body;
  if (Number(request.headers['content-length'] ?? 0) === 0) return Buffer.alloc(0);
  throw new Problem(400, 'bad-request', 'A file comes as application/octet-stream');
}

function fieldOf(body: unknown, name: string): unknown {
  if (typeof body !== 'object' || body === null) return undefined;
  return Object.entries(body).find(([key]) => key === name)?.[1];
}

/** What express says of a body that it does not take. */
function problemOf(error: unknown): Problem {
  const isLarge = error instanceof Error && 'status' in error && error.status === 413;
  return isLarge
    ? new Problem(413, 'file-too-large-to-send', 'This is too large to be uploaded', {
        cause: error,
      })
    : new Problem(400, 'file-incomplete', 'The file did not arrive whole', { cause: error });
}

/** `api/v1`, `apis/apps/v1`; nothing for the list of all. It is asked for with the server's rights, so it leads nowhere else. */
function groupOf(group: unknown): string {
  if (group === undefined) return '';
  if (typeof group === 'string' && /^apis?(?:\/[a-z0-9][a-z0-9.-]{0,252}){1,2}$/.test(group))
    return group;
  throw new Problem(400, 'bad-request', 'The request needs "group"');
}
