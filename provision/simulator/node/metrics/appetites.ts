import { repositoryOf } from '../../programs/images.ts';

/** What a program uses. */
export interface Appetite {
  /** Thousandths of a core that it takes while nobody asks anything of it. */
  readonly idleMilliCpu: number;
  /** Working set in MiB. */
  readonly memoryMiB: number;
  /** CPU time of one request, sent or served, in milliseconds. */
  readonly msPerRequest: number;
}

/**
 * Reference figures by the end of an image's repository, as `kubectl top` shows them on small idle clusters; Istio's
 * from its page "Performance and Scalability" (0.20 cores for 1,000 requests a second and sidecar).
 */
const APPETITES: readonly (readonly [pattern: RegExp, appetite: Appetite])[] = [
  [/\/proxyv2$/, appetite(3, 42, 0.2)],
  [/\/pilot$/, appetite(4, 58, 0.5)],
  [/examples-bookinfo-productpage/, appetite(5, 58, 8)],
  [/examples-bookinfo-reviews/, appetite(3, 124, 3)],
  [/examples-bookinfo-ratings/, appetite(1, 31, 1)],
  [/examples-bookinfo-details/, appetite(2, 24, 1.5)],
  [/(^|\/)etcd$/, appetite(22, 48, 0)],
  [/(^|\/)kube-apiserver$/, appetite(46, 242, 0)],
  [/(^|\/)kube-controller-manager$/, appetite(16, 53, 0)],
  [/(^|\/)kube-scheduler$/, appetite(4, 22, 0)],
  [/(^|\/)kube-proxy$/, appetite(1, 14, 0)],
  [/coredns$/, appetite(2, 15, 0.1)],
  [/metrics-server$/, appetite(4, 19, 1)],
  [/(^|\/)nginx(-unprivileged)?$/, appetite(0, 7, 0.1)],
  [/hpa-example$/, appetite(1, 11, 10)],
  [/(^|\/)pause$/, appetite(0, 0.3, 0)],
  [/(^|\/)(busybox|alpine|curl)$/, appetite(0, 0.8, 1)],
];

const DEFAULT = appetite(1, 12, 1);

function appetite(idleMilliCpu: number, memoryMiB: number, msPerRequest: number): Appetite {
  return { idleMilliCpu, memoryMiB, msPerRequest };
}

/** What the program of an image uses. */
export function appetiteOf(image: string): Appetite {
  const repository = repositoryOf(image);
  return APPETITES.find(([pattern]) => pattern.test(repository))?.[1] ?? DEFAULT;
}
