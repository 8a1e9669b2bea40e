import { X509Certificate } from 'node:crypto';

import { newKeys, pkcs8Pem } from '../../../apiserver/pki/keys.ts';
import { certificateHash } from '../../../net/certificate-facts.ts';
import type { Authority } from '../../pilot/ca/authority.ts';
import type { WorkloadIdentity } from './workload-identity.ts';

/** Certificates are renewed at half of their life (SECRET_GRACE_PERIOD_RATIO 0.5). */
const RENEWAL_MS = 12 * 3_600_000;

/** What a proxy shows others of the mesh. */
export interface ShownCertificate {
  /** Its own certificate and those above it, below the root; PEM. */
  readonly chain: string;
  readonly key: string;
  readonly root: string;
  /** SHA-256 of its own certificate, as x-forwarded-client-cert has it. */
  readonly hash: string;
}

/**
 * The certificate of a proxy's workload, which exists when somebody has looked at it: mutual TLS between simulated proxies needs none.
 * It is the one that a proxy would have which renews it every twelve hours from its start on.
 */
export class WorkloadCertificate {
  readonly #identity: Pick<WorkloadIdentity, 'name'>;
  readonly #startMs: number;
  #authority: Authority | undefined;
  #made: { readonly fromMs: number; readonly shown: ShownCertificate } | undefined;

  constructor(identity: Pick<WorkloadIdentity, 'name'>, startMs: number) {
    this.#identity = identity;
    this.#startMs = startMs;
  }

  /** Of the certificate that has been made last; undefined before the first. */
  get hash(): string | undefined {
    return this.#made?.shown.hash;
  }

  /** Notes who signs; whoever has signed first goes on until the certificate is renewed. */
  trust(authority: Authority | undefined): void {
    this.#authority ??= authority;
  }

  /** The certificate as it is now, made when it is not there; undefined before istiod has said who signs. */
  show(nowMs: number, current: Authority | undefined): ShownCertificate | undefined {
    const age = nowMs - this.#startMs;
    const fromMs = this.#startMs + Math.floor(age / RENEWAL_MS) * RENEWAL_MS;
    if (this.#made && this.#made.fromMs === fromMs) return this.#made.shown;
    const authority = fromMs === this.#startMs ? (this.#authority ?? current) : current;
    if (!authority) return this.#made?.shown;
    const { privateKey, publicKey } = newKeys();
    const chain = authority.sign(this.#identity.name, publicKey, fromMs);
    const shown = {
      chain,
      key: pkcs8Pem(privateKey),
      root: authority.root,
      hash: certificateHash(new X509Certificate(chain)),
    };
    this.#made = { fromMs, shown };
    return shown;
  }
}
