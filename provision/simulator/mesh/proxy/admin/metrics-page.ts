import { ISTIO_VERSION } from '../../../versions.ts';
import type { AdminSubject } from './subject.ts';

/** The proxy's own metrics in Prometheus' text format. */
export function prometheusPage({ metrics }: AdminSubject): string {
  return `# TYPE istio_build gauge\nistio_build{component="proxy",tag="${ISTIO_VERSION}"} 1\n${metrics.expose()}`;
}
