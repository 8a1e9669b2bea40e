import type { WorkloadMetadata } from '../../../net/network.ts';
import type { ContainerContext } from '../../../programs/program.ts';
import type { ProxyNode } from '../../pilot/node.ts';
import type { ProxyConfiguration } from '../../pilot/push/proxy-configuration.ts';
import type { Reporter } from '../telemetry/reporter.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { ProxySecret } from './config-dump/secrets.ts';
import type { Loggers } from './loggers.ts';

/** The proxy that the admin ports tell of. */
export interface AdminSubject {
  readonly container: ContainerContext;
  readonly node: ProxyNode;
  readonly workload: WorkloadMetadata;
  /** `istiod.istio-system.svc:15012` */
  readonly discoveryAddress: string;
  readonly startedMs: number;
  readonly reporter: Reporter;
  readonly upstream: Upstream;
  readonly loggers: Loggers;
  /** What istiod has sent; undefined before it has been heard from. */
  readonly configuration: () => ProxyConfiguration | undefined;
  readonly secrets: () => readonly ProxySecret[];
}
