import type { Clock } from '../../../clock.ts';
import type { ProxyNode } from '../../pilot/node.ts';
import type { HttpFilterConfig } from '../../xds/listener.ts';
import type { ProxyAnswer } from './answers.ts';
import type { HttpStream } from './stream.ts';

/** A step that every request of a listener passes (Envoy's HTTP filter). */
export interface HttpFilter {
  /** Lets a request go on, or answers it here. May put another request in the place of the stream's. */
  readonly onRequest?: (
    stream: HttpStream,
  ) => ProxyAnswer | undefined | Promise<ProxyAnswer | undefined>;
  /** Sees the answer on its way back, and may change its headers. */
  readonly onAnswer?: (stream: HttpStream, answer: ProxyAnswer) => void;
}

/** What filters have besides their settings. */
export interface FilterContext {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly node: ProxyNode;
  /** Writes a line to the proxy's own log. */
  readonly log: (line: string) => void;
  /** Adds to a counter of the proxy's statistics: `http.inbound_0.0.0.0_80;.rbac.allowed`. */
  readonly count: (statistic: string) => void;
  /** Whether one of the proxy's loggers writes what is of a level; default: none does. */
  readonly writes?: (logger: string, level: 'debug' | 'info') => boolean;
  /** State that outlives a change of the configuration, by a name of the filter's own: buckets of rate limits. */
  readonly kept: Map<string, object>;
}

/** Makes the filter for a setting that istiod sent. */
export type MakeFilter<T extends HttpFilterConfig['type']> = (
  config: Extract<HttpFilterConfig, { readonly type: T }>,
  context: FilterContext,
) => HttpFilter;
