import type { Server } from 'node:net';
import type { Duplex } from 'node:stream';

import type { ClusterClient, Resource } from '../client/client.ts';
import { InProcessClient } from '../client/in-process-client.ts';
import type { Clock } from '../clock.ts';
import type { JsonObject } from '../kinds/object.ts';
import { builtinKinds } from '../kinds/registry.ts';
import type { NetworkInterface } from '../net/network.ts';
import type { Kubelet } from '../node/kubelet.ts';
import { Admission } from './admission/admission.ts';
import { admissionChain } from './admission/chain.ts';
import { policyStatus } from './admission/validating-admission-policy/index.ts';
import { showApiServices } from './aggregation/api-services.ts';
import { componentUser } from './auth/components.ts';
import { fillStore, replaceAuthority } from './bootstrap/fill.ts';
import { showComponentStatuses } from './component-statuses.ts';
import { cleanUpCrds } from './crd-cleanup.ts';
import { HttpFront } from './http/server.ts';
import { asJson, objectAt } from './objects/json.ts';
import { makeUid } from './objects/names.ts';
import { adminKubeconfig } from './pki/kubeconfig.ts';
import { createPki, readPki, type Pki } from './pki/pki.ts';
import { signRequests } from './pki/signer.ts';
import { keepTokenSecrets } from './pki/token-secrets.ts';
import { signToken, type TokenSubject } from './pki/tokens.ts';
import type { Core } from './rest/context.ts';
import { ServedKinds, storageKey } from './served-kinds.ts';
import { exportStore, importStore } from './store/snapshot.ts';
import { Store, type View } from './store/store.ts';

export { createPki, type Pki } from './pki/pki.ts';
export type { View } from './store/store.ts';

/** The objects of a cluster at one moment, to make others from; they share what does not change. */
export interface PreparedState {
  readonly store: Store;
}

export interface ApiServerOptions {
  readonly clock: Clock;
  /** A number in [0, 1), for names and ids. Default `Math.random`. */
  readonly random?: () => number;
  /** Asked when somebody wants logs or a shell. */
  readonly kubelet: () => Kubelet;
  /** The host's place on the virtual network, for webhooks and proxied requests. */
  readonly network: () => NetworkInterface;
  /** Keys made in advance. Default: new ones, or those of `snapshot`. */
  readonly pki?: Pki;
  /** Starts from another cluster's objects, with keys of its own. Default: a new, empty cluster. */
  readonly prepared?: PreparedState;
  /** Starts from what `snapshot()` returned, with the same keys. */
  readonly snapshot?: JsonObject;
}

/** The API server of one simulated cluster. */
export interface ApiServer extends AsyncDisposable {
  /** The API in the process, as a user such as `kubelet` or `system:serviceaccount:default:web`. */
  client(user: string): ClusterClient;
  /** Answers HTTPS on a socket that already listens; disposing of the result stops that. Closing the socket is the caller's. */
  serve(server: Server): Disposable;
  /** Answers HTTPS on a connection of the virtual network. */
  accept(connection: Duplex): void;
  /** Kubeconfig of the administrator, for a server address such as `https://172.30.1.2:6443`. */
  kubeconfig(server: string): string;
  /** PEM text of the authority that signed the server's certificate. */
  readonly caCertificate: string;
  /** A token as the kubelet puts it into pods; valid for an hour by default. */
  serviceAccountToken(account: TokenRequest): string;
  /** Shows readers of a resource what `view` makes of its stored objects. */
  show(resource: Pick<Resource, 'group' | 'plural'>, view: View): void;
  /** The objects as they are now, to make other clusters from; takes microseconds. */
  prepare(): PreparedState;
  /** Objects and keys as JSON, for the `snapshot` option. */
  snapshot(): JsonObject;
}

export interface TokenRequest extends Pick<TokenSubject, 'namespace' | 'name' | 'pod'> {
  /** Whom the token is to convince; empty or left out: the API server. */
  readonly audience?: string;
  /** Seconds; default 3600. */
  readonly lifeSeconds?: number;
}

const TOKEN_SECONDS = 3600;

/** Starts an API server; it answers at once and owns no sockets. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { clock, random = Math.random, kubelet, network } = options;
  const pki = await pkiOf(options);
  const store = storeOf(options);
  const core: Core = {
    store,
    kinds: new ServedKinds(store, builtinKinds()),
    clock,
    random,
    admission: new Admission(
      admissionChain({ store, kinds: () => core.kinds, clock, random, network }),
    ),
  };
  if (options.prepared) replaceAuthority(store, pki.caCertificate);
  else if (!options.snapshot) await fillStore(core, pki.caCertificate);
  showApiServices(store, core.kinds);
  showComponentStatuses(store);
  const parts = new DisposableStack();
  parts.use(cleanUpCrds(core));
  parts.use(policyStatus(core));
  parts.use(signRequests(core, pki));
  parts.use(keepTokenSecrets(core, pki));
  const front = new HttpFront({ core, pki, kubelet, network });
  return {
    client: (name) => new InProcessClient(core, componentUser(name)),
    serve: (server) => front.serve(server),
    accept: (connection) => front.accept(connection),
    kubeconfig: (server) => adminKubeconfig(pki, server),
    caCertificate: pki.caCertificate,
    serviceAccountToken({ lifeSeconds = TOKEN_SECONDS, audience = '', ...subject }) {
      const issuedAt = Math.floor(clock.now() / 1000);
      const account = store.get('/serviceaccounts', subject.namespace, subject.name);
      return signToken(pki, {
        subject: { ...subject, uid: account?.metadata.uid ?? '' },
        audiences: audience === '' ? [] : [audience],
        id: makeUid(random),
        issuedAt,
        expiresAt: issuedAt + lifeSeconds,
      });
    },
    show: (resource, view) => store.show(storageKey(resource), view),
    prepare: () => ({ store: store.fork() }),
    snapshot: () => ({ pki: asJson(pki), store: exportStore(store) }),
    async [Symbol.asyncDispose]() {
      parts.dispose();
      await front[Symbol.asyncDispose]();
    },
  };
}

async function pkiOf({ pki, snapshot, clock }: ApiServerOptions): Promise<Pki> {
  if (pki) return pki;
  return snapshot ? readPki(objectAt(snapshot, 'pki')) : createPki(clock.now());
}

function storeOf({ prepared, snapshot }: ApiServerOptions): Store {
  if (prepared) return prepared.store.fork();
  return snapshot ? importStore(objectAt(snapshot, 'store')) : new Store();
}
