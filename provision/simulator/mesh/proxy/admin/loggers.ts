/** Envoy's loggers, in the order in which its page lists them. */
const NAMES: readonly string[] = (
  'admin alternate_protocols_cache aws assert backtrace basic_auth cache_filter client config connection conn_handler ' +
  'compression credential_injector decompression dns dynamo envoy_bug ext_authz ext_proc file filter forward_proxy ' +
  'geolocation grpc happy_eyeballs hc health_checker http http2 hystrix init io jwt kafka key_value_store lua main ' +
  'matcher misc mongo multi_connection oauth2 quic quic_stream pool rate_limit_quota rbac redis rocketmq router runtime ' +
  'secret stats tap testing thrift tracing udp upstream wasm websocket'
).split(' ');

const LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];

/** How much a proxy writes to its log, logger by logger; as injection starts it (`--proxyComponentLogLevel=misc:error`). */
export class Loggers {
  readonly #levels = new Map<string, string>(
    NAMES.map((name) => [name, name === 'misc' ? 'error' : 'warning']),
  );

  /** Whether a logger writes what is of this level. */
  writes(logger: string, level: 'debug' | 'info'): boolean {
    const set = LEVELS.indexOf(this.#levels.get(logger) ?? 'warning');
    return set <= LEVELS.indexOf(level);
  }

  /**
   * Sets levels as /logging is asked to (`level=debug`, `rbac=debug`, `paths=rbac:debug,jwt:info`); false: there is no such logger or
   * level.
   */
  set(query: URLSearchParams): boolean {
    const wanted = [...query].flatMap(([key, value]) =>
      key === 'paths' ? value.split(',').map((pair) => pair.split(':')) : [[key, value]],
    );
    const isKnown = wanted.every(
      ([name = '', level = '']) =>
        LEVELS.includes(level) && (name === 'level' || this.#levels.has(name)),
    );
    if (!isKnown) return false;
    for (const [name = '', level = ''] of wanted) {
      for (const logger of name === 'level' ? NAMES : [name]) this.#levels.set(logger, level);
    }
    return true;
  }

  /** The page's text. */
  toString(): string {
    const lines = [...this.#levels].map(([name, level]) => `  ${name}: ${level}\n`);
    return `active loggers:\n${lines.join('')}\n`;
  }
}
