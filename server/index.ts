/** The lab runner: configuration in, a listening server out. */
import { once } from 'node:events';
import type { Server as HttpServer, RequestListener } from 'node:http';

import { LOCALES } from '#protocol';

import { createProvider, labTools, type Provider } from '../provision/index.ts';
import { ClusterChecks, VERIFIER_IDS } from '../verifiers/index.ts';
import { ConfigError, programVersion, type ServerConfig } from './config.ts';
import { createApp } from './http/app.ts';
import type { ServerContext } from './http/context.ts';
import { createHttpServer } from './http/http-server.ts';
import { LabViews } from './http/lab-view.ts';
import { Previews } from './http/previews.ts';
import type { LabProblem } from './labs/lab.ts';
import { loadLabs } from './labs/load.ts';
import { createLog } from './log.ts';
import { createSandboxFactory } from './sandbox/factory.ts';
import { SessionManager } from './session/session-manager.ts';
import { startingStateOf } from './session/start-session.ts';
import { createSocketServer } from './socket/socket-server.ts';
import { Store } from './store/store.ts';

export { programVersion, readConfig, type ServerConfig } from './config.ts';
export type { LabProblem } from './labs/lab.ts';
export { lintLabs } from './labs/lint.ts';
export { openLearnerShell } from './learner-shell.ts';
export { playLab, prepareSelfCheck, type StepReport } from './self-check/index.ts';

/** A running server. Disposing of it ends everything it started. */
export interface RunningServer extends AsyncDisposable {
  /** The one address to open. */
  readonly url: string;
  readonly sandbox: { readonly mode: string; readonly limits: readonly string[] };
  /** Where clusters come from. */
  readonly clusters: string;
  readonly problems: readonly LabProblem[];
}

/**
 * Starts the server and settles when it listens.
 * @throws ConfigError for a taken port, StoreError for a data folder that cannot be written, SandboxError where no
 *   learner can be confined
 */
export async function startServer(config: ServerConfig): Promise<RunningServer> {
  await using stack = new AsyncDisposableStack();
  const http = createHttpServer();
  // Listening comes first, to leave the data of a server that runs on this port alone; who comes early waits.
  const app = Promise.withResolvers<RequestListener>();
  http.on('request', (request, response) => {
    void app.promise.then((answer) => answer(request, response));
  });
  await listen(http, config);
  stack.defer(() => {
    http.close();
    http.closeAllConnections();
  });
  const log = createLog(config.logLevel);
  const store = stack.use(await Store.open(config.dataFolder));
  const tools = await labTools();
  const sandboxes = stack.use(await createSandboxFactory({ mode: config.sandbox, ...tools }));
  const loaded = await loadLabs(config.labsFolder, new Set(VERIFIER_IDS));
  const provider = stack.use(createProvider(config.provider));
  const sessions = stack.use(
    new SessionManager({
      store,
      provider,
      sandboxes,
      places: config.maxSessions,
      times: config.times,
      findLab: (id) => loaded.labs.find((lab) => lab.id === id),
      onProblem: (session, problem) => log.warn({ session }, problem),
    }),
  );
  const context: ServerContext = {
    listenHost: config.host,
    version: programVersion(),
    pageFolder: config.pageFolder,
    labs: loaded.labs,
    problems: loaded.problems,
    views: new LabViews(),
    store,
    sessions,
    sandboxes,
    previews: new Previews(config.previewDomain),
    log,
  };
  app.resolve(createApp(context));
  const io = createSocketServer(http, context);
  // Last in, first out: no new requests while the sessions end.
  stack.defer(async () => {
    // Pages know by this that nothing is wrong with them: they come back by themselves.
    io.emit('session:ended', 'server');
    const closed = io.close();
    // A browser keeps its connections for the next request; closing would wait for them.
    http.closeAllConnections();
    await closed;
  });
  // On a real cluster there is nothing to prepare, and whoever looked at it would keep its one learner waiting.
  const warming = provider.isSimulated ? warmUp(context, provider) : Promise.resolve();
  void warming.catch((error: unknown) => log.warn({ err: error }, 'Cannot warm up'));
  const owned = stack.move();
  return {
    url: urlOf(http, config.host),
    sandbox: { mode: sandboxes.mode, limits: sandboxes.limits },
    clusters: provider.name,
    problems: loaded.problems,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Does what the first learner would wait for: renders the labs, prepares their starting states, loads the client. */
async function warmUp({ labs, views }: ServerContext, provider: Provider): Promise<void> {
  const states = new Map(labs.map(startingStateOf).map((state) => [JSON.stringify(state), state]));
  for (const startingState of states.values()) {
    await using cluster = await provider.create({ startingState });
    using checks = new ClusterChecks(cluster.serverKubeconfig);
    await checks.warmUp();
  }
  for (const lab of labs) {
    for (const locale of LOCALES) await views.view(lab, locale);
  }
}

async function listen(http: HttpServer, { port, host }: ServerConfig): Promise<void> {
  http.listen(port, host);
  try {
    await once(http, 'listening');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const why = code === 'EADDRINUSE' ? 'something else listens there' : String(code);
    throw new ConfigError(
      `Cannot listen on ${host}:${port}: ${why}; choose another port with --port`,
      { cause },
    );
  }
}

function urlOf(http: HttpServer, host: string): string {
  const address = http.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
