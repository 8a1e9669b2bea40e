import { type Clock, systemClock } from '../../clock.ts';
import type { Labels } from '../../kinds/object.ts';
import { pods } from '../../kinds/resources.ts';
import { matchesLabels } from '../../kinds/selectors/labels.ts';
import type { Container, Pod } from '../../kinds/types/core.ts';
import { HttpHeaders, type HttpResponse } from '../../net/http.ts';
import type { NetworkInterface } from '../../net/network.ts';
import { NO_OUTSIDE, type Outside } from '../../net/outside.ts';
import { VirtualNetwork } from '../../net/virtual-network.ts';
import type { Program, RunningProgram } from '../../programs/program.ts';
import { Tables } from './tables.ts';

/** A pod that runs at once, all of its containers together. */
export interface TestPod {
  readonly name: string;
  readonly namespace?: string;
  readonly labels: Labels;
  readonly annotations?: Labels;
  readonly serviceAccount?: string;
  readonly containers: readonly Container[];
}

export interface TestService {
  readonly name: string;
  readonly namespace?: string;
  readonly clusterIp: string;
  readonly selector: Labels;
  /** Port, its name and the pods' own port. */
  readonly ports: readonly {
    readonly name: string;
    readonly port: number;
    readonly targetPort: number;
  }[];
}

export interface TestbedOptions {
  readonly programs: readonly Program[];
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Default: a cluster without a way out. */
  readonly outside?: Outside;
}

/** Sets up the redirection to the sidecar, as injection writes it. */
const ISTIO_INIT: Container = {
  name: 'istio-init',
  image: 'proxyv2',
  args: ['istio-iptables', '-i', '*', '-x', '', '-b', '*', '-d', '15090,15021,15020'],
};

/** A network with programs on it and nothing of Kubernetes but the objects they look at; for tests and measurements. */
export class Testbed implements Disposable {
  readonly tables = new Tables();
  readonly network: VirtualNetwork;
  /** Lines that containers have logged, by `pod/container`. */
  readonly logs = new Map<string, string[]>();
  readonly #programs: readonly Program[];
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #running = new Map<
    string,
    { interface: NetworkInterface; programs: RunningProgram[] }
  >();
  readonly #services: TestService[] = [];
  #lastByte = 1;

  constructor({
    programs,
    clock = systemClock,
    random = Math.random,
    outside = NO_OUTSIDE,
  }: TestbedOptions) {
    this.#programs = programs;
    this.#clock = clock;
    this.#random = random;
    this.network = new VirtualNetwork({ client: this.tables, clock, random, outside });
  }

  /** Adds a Service and keeps its EndpointSlice in step with the pods. */
  addService(service: TestService): void {
    const { name, namespace = 'default', clusterIp, selector, ports } = service;
    this.#services.push(service);
    this.tables.put({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { type: 'ClusterIP', clusterIP: clusterIp, selector, ports },
    });
    this.#updateSlice(service);
  }

  /** Starts a pod and gives its place on the network. */
  startPod(pod: TestPod): NetworkInterface {
    const { name, namespace = 'default', labels, annotations = {}, containers } = pod;
    const { serviceAccount = 'default' } = pod;
    const ip = `10.244.1.${++this.#lastByte}`;
    const place = this.network.attach({ ip, namespace, podName: name });
    this.tables.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels, annotations },
      spec: {
        ...(containers.some((container) => container.name === 'istio-proxy') && {
          initContainers: [ISTIO_INIT],
        }),
        containers,
        restartPolicy: 'Always',
        serviceAccountName: serviceAccount,
      },
      status: { phase: 'Running', podIP: ip },
    });
    const stored = this.tables.get(pods, name, namespace);
    if (!stored) throw new Error(`Cannot start pod ${name}: its object is not there`);
    const running = containers.map((container) => this.#start(container, stored, place));
    this.#running.set(`${namespace}/${name}`, { interface: place, programs: running });
    for (const service of this.#services) this.#updateSlice(service);
    return place;
  }

  stopPod(name: string, namespace = 'default'): void {
    const running = this.#running.get(`${namespace}/${name}`);
    for (const program of running?.programs ?? []) program.stop();
    running?.interface[Symbol.dispose]();
    this.#running.delete(`${namespace}/${name}`);
    this.tables.remove('Pod', { name, namespace });
    for (const service of this.#services) this.#updateSlice(service);
  }

  /** A GET as a program at `from` would send it. */
  async get(from: NetworkInterface, url: string, headers: Labels = {}): Promise<HttpResponse> {
    const { hostname, port, pathname, search, host } = new URL(url);
    return from.request(
      { host: hostname, port: port === '' ? 80 : Number(port) },
      {
        method: 'GET',
        path: `${pathname}${search}`,
        authority: headers['host'] ?? host,
        headers: new HttpHeaders(Object.entries(headers).filter(([name]) => name !== 'host')),
        body: new Uint8Array(),
      },
    );
  }

  [Symbol.dispose](): void {
    for (const { programs } of this.#running.values()) {
      for (const program of programs) program.stop();
    }
    this.#running.clear();
    this.network[Symbol.dispose]();
  }

  #start(container: Container, pod: Pod, network: NetworkInterface): RunningProgram {
    const program = this.#programs.find((one) => one.matches(container.image));
    if (!program)
      throw new Error(`Cannot start ${container.name}: no program for ${container.image}`);
    const lines: string[] = [];
    this.logs.set(`${pod.metadata.name}/${container.name}`, lines);
    return program.start({
      pod,
      container,
      env: Object.fromEntries((container.env ?? []).map(({ name, value = '' }) => [name, value])),
      network,
      clock: this.#clock,
      random: this.#random,
      log: (line) => void lines.push(line),
      client: this.tables,
      readFile: () => undefined,
      run: () => {
        throw new Error(`Cannot run a command line of ${container.name}: the testbed has no shell`);
      },
    });
  }

  #updateSlice({ name, namespace = 'default', selector, ports }: TestService): void {
    const selected = this.tables
      .list(pods)
      .filter(({ metadata }) => metadata.namespace === namespace)
      .filter(({ metadata }) => matchesLabels(selector, metadata.labels));
    this.tables.put({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: `${name}-slice`,
        namespace,
        labels: { 'kubernetes.io/service-name': name },
      },
      addressType: 'IPv4',
      endpoints: selected.map(({ metadata, status }) => ({
        addresses: [status.podIP ?? ''],
        conditions: { ready: true },
        targetRef: { kind: 'Pod', name: metadata.name, namespace },
      })),
      ports: ports.map(({ name: portName, targetPort }) => ({ name: portName, port: targetPort })),
    });
  }
}
