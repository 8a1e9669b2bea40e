import assert from 'node:assert/strict';

import type { PreparedState } from '../apiserver/index.ts';
import { createApiServer, createPki } from '../apiserver/index.ts';
import type { ClusterClient, NewObject } from '../client/client.ts';
import { FakeClock } from '../fake-clock.ts';
import { events, pods } from '../kinds/resources.ts';
import type { Pod } from '../kinds/types/core.ts';
import { VirtualNetwork } from '../net/virtual-network.ts';
import { PROGRAMS } from '../programs/registry.ts';
import type { Nodes, SavedFiles, SavedLogs } from './index.ts';
import { nodeSettings, startNodes } from './index.ts';
import type { LogOptions } from './kubelet.ts';

// Clients of these clusters look at the clock of this machine.
const pki = await createPki(Date.now());

/** What a cluster goes on from. */
export interface Earlier {
  readonly clock?: FakeClock;
  readonly savedFiles?: SavedFiles;
  readonly savedLogs?: SavedLogs;
}

/** An API server, its network and its nodes, driven by a fake clock; no scheduler: pods name their node. */
export class FakeNodeCluster implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly client: ClusterClient;
  readonly nodes: Nodes;
  readonly prepare: () => PreparedState;
  readonly #end: () => Promise<void>;

  static async start(
    prepared?: PreparedState,
    { clock = new FakeClock(), savedFiles = {}, savedLogs = {} }: Earlier = {},
  ): Promise<FakeNodeCluster> {
    const parts: { nodes?: Nodes; network?: VirtualNetwork } = {};
    const api = await createApiServer({
      clock,
      pki,
      ...(prepared && { prepared }),
      kubelet: () => parts.nodes ?? assert.fail(),
      network: () => (parts.network ?? assert.fail()).host,
    });
    const client = api.client('system:node');
    const network = new VirtualNetwork({ client, clock, random: half });
    const nodes = startNodes({
      client,
      clock,
      network,
      random: half,
      programs: PROGRAMS,
      nodes: nodeSettings(1),
      savedFiles,
      savedLogs,
      times: { pullMs: () => 500, startMs: () => 100, stopMs: () => 300 },
    });
    Object.assign(parts, { nodes, network });
    await nodes.registered;
    return new FakeNodeCluster(
      { clock, client, nodes },
      () => api.prepare(),
      async () => {
        nodes[Symbol.dispose]();
        network[Symbol.dispose]();
        await api[Symbol.asyncDispose]();
      },
    );
  }

  private constructor(
    { clock, client, nodes }: Pick<FakeNodeCluster, 'clock' | 'client' | 'nodes'>,
    prepare: () => PreparedState,
    end: () => Promise<void>,
  ) {
    this.clock = clock;
    this.client = client;
    this.nodes = nodes;
    this.prepare = prepare;
    this.#end = end;
  }

  async run(name: string, spec: Partial<Pod['spec']>): Promise<void> {
    const pod: NewObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: { nodeName: 'node01', ...spec },
    };
    await this.client.create(pods, pod);
  }

  pod(name: string): Pod {
    return this.client.get(pods, name, 'default') ?? assert.fail(`no pod ${name}`);
  }

  /** Reasons of a pod's events, in order. */
  events(name: string): readonly string[] {
    return this.client
      .list(events, { namespace: 'default' })
      .filter(({ involvedObject }) => involvedObject.name === name)
      .toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
      .map(({ reason, count }) => (count === 1 ? `${reason}` : `${reason} x${count}`));
  }

  async logs(pod: string, options: Partial<LogOptions> = {}): Promise<string> {
    const all = { follow: false, previous: false, timestamps: false, ...options };
    const signal = new AbortController().signal;
    const lines = await Array.fromAsync(
      this.nodes.logs({ namespace: 'default', pod }, all, signal),
    );
    return lines.join('');
  }

  /** Output of a script in a container of pod `web`. */
  async sh(container: string, script: string): Promise<string> {
    const process = await this.nodes.exec(
      { namespace: 'default', pod: 'web', container },
      { command: ['sh', '-c', script], isTty: false, hasStdin: false },
    );
    return (await Array.fromAsync(process.stdout)).join('');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }
}

/** Stands for chance. */
const half = () => 0.5;
