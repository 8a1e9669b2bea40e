type Values = Map<string, string | readonly string[]>;

const NONE: Values = new Map();

/** Header names are lower case; a name that comes several times has its values in order. */
export class HttpHeaders {
  #values: Values = NONE;
  /** Whether others read the same values: whoever writes first takes its own. */
  #isShared = true;

  constructor(entries?: Iterable<readonly [string, string]>) {
    for (const [name, value] of entries ?? []) this.append(name, value);
  }

  /** The value, several joined by `, `; undefined when absent. */
  get(name: string): string | undefined {
    const value = this.#values.get(name.toLowerCase());
    return typeof value === 'object' ? value.join(', ') : value;
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  set(name: string, value: string): void {
    this.#own().set(name.toLowerCase(), value);
  }

  append(name: string, value: string): void {
    const key = name.toLowerCase();
    const old = this.#values.get(key);
    if (old === undefined) this.#own().set(key, value);
    else this.#own().set(key, [...(typeof old === 'object' ? old : [old]), value]);
  }

  delete(name: string): void {
    const key = name.toLowerCase();
    if (this.#values.has(key)) this.#own().delete(key);
  }

  /** Costs nothing before one of the two is changed. */
  clone(): HttpHeaders {
    const clone = new HttpHeaders();
    clone.#values = this.#values;
    this.#isShared = true;
    return clone;
  }

  /** How many lines there are, and the length of all names and values together. */
  measure(): { readonly count: number; readonly characters: number } {
    let [count, characters] = [0, 0];
    // Proxies do this for every request several times, and this way makes no pairs of names and values.
    this.#values.forEach((value, name) => {
      const values = typeof value === 'string' ? 1 : value.length;
      const length = typeof value === 'string' ? value.length : value.join('').length;
      count += values;
      characters += name.length * values + length;
    });
    return { count, characters };
  }

  *[Symbol.iterator](): IterableIterator<readonly [string, string]> {
    for (const [name, value] of this.#values) {
      if (typeof value === 'string') yield [name, value];
      else for (const one of value) yield [name, one];
    }
  }

  #own(): Values {
    if (this.#isShared) {
      this.#values = new Map(this.#values);
      this.#isShared = false;
    }
    return this.#values;
  }
}

export interface HttpRequest {
  readonly method: string;
  /** Path and query, as on the request line. */
  readonly path: string;
  /** The Host header or `:authority`. */
  readonly authority: string;
  readonly headers: HttpHeaders;
  readonly body: Uint8Array;
  /** Aborted when the client goes away. */
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly body: Uint8Array;
}

/** Answers one request. `peer` is where the request came from. */
export type HttpHandler = (request: HttpRequest, peer: Caller) => Promise<HttpResponse>;

export interface Peer {
  readonly ip: string;
  readonly port: number;
}

/** What a receiving proxy learns of the proxy that calls it. */
export interface CallerIdentity {
  /** SPIFFE id of the calling workload when the connection is mutual TLS. */
  readonly identity?: string;
  /** SHA-256 of the certificate that says so, in hexadecimal; undefined while it has not been made. */
  readonly certificateHash?: string | undefined;
  /** What x-forwarded-client-cert says of a certificate that a client from outside has shown to a gateway. */
  readonly certificateDetails?: string | undefined;
  /** Metadata that Istio's proxies exchange; undefined when the caller has no proxy. */
  readonly workload?: WorkloadMetadata;
  /** SNI of the mutual TLS between proxies: `outbound_.9080_._.reviews.default.svc.cluster.local`. */
  readonly serverName?: string;
  /** ALPN of the mutual TLS between proxies: `istio`, `istio-http/1.1`. */
  readonly applicationProtocol?: string;
  /** Whether requests come in HTTP/2. Default false: in HTTP/1.1. */
  readonly isHttp2?: boolean;
}

/** Who calls: an address, and what its proxy says of it. */
export interface Caller extends Peer, CallerIdentity {}

/** The workload a proxy stands beside, as proxies tell each other. */
export interface WorkloadMetadata {
  readonly podName: string;
  readonly namespace: string;
  readonly workload: string;
  readonly app: string;
  readonly version: string;
  readonly serviceAccount: string;
  /** Default `cluster.local`. */
  readonly trustDomain?: string;
}
