/** https://istio.io/latest/docs/reference/config/networking/proxy-config/ */
import { numberIn } from './fields.ts';
import type { Findings } from './findings.ts';
import { checkSelector } from './selectors.ts';
import type { Subject } from './subject.ts';

/** A ProxyConfig: whom it selects, and its number of threads. */
export function checkProxyConfig(found: Findings, { spec }: Subject): void {
  checkSelector(found, spec['selector']);
  found.errorIf(
    numberIn(spec['concurrency']) < 0,
    'concurrency must be greater than or equal to 0',
  );
}
