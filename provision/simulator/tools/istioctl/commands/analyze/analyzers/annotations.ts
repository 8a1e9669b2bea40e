import type { Message } from '../message.ts';
import type { Analyzed, World } from '../world.ts';
import { annotationProblem } from './annotation-values.ts';
import { KNOWN_ANNOTATIONS } from './known-annotations.ts';

/** Set by istiod itself. */
const IGNORED: ReadonlySet<string> = new Set([
  'gateway.istio.io/controller-version',
  'istio.io/rev',
  'sidecar.istio.io/status',
]);
const INJECT = 'sidecar.istio.io/inject';

/** IST0107, IST0108, IST0125, IST0135: annotations of Istio that are misplaced, unknown, wrong or deprecated. */
export function annotationsOfPods(world: World): readonly Message[] {
  return (['Namespace', 'Service', 'Pod', 'Deployment'] as const).flatMap((kind) =>
    world.all(kind).flatMap(ofObject),
  );
}

function ofObject(about: Analyzed): readonly Message[] {
  return Object.entries(about.annotations)
    .filter(([name]) => isIstios(name) && !IGNORED.has(name))
    .flatMap(([name, value]) => ofAnnotation(about, name, value));
}

function isIstios(name: string): boolean {
  return name === 'kubernetes.io/ingress.class' || (name.split('/')[0] ?? '').endsWith('istio.io');
}

function ofAnnotation(about: Analyzed, name: string, value: string): readonly Message[] {
  const known = KNOWN_ANNOTATIONS.get(name);
  if (!known) return [{ code: 'IST0108', about, text: `Unknown annotation: ${name}` }];
  const found: Message[] = [];
  if (known.isDeprecated && !(name === INJECT && about.labels[INJECT] !== undefined)) {
    const instead = name === INJECT ? ` in favor of the "${INJECT}" label` : '';
    const text = `Annotation ${JSON.stringify(name)} has been deprecated${instead} and may not work in future Istio versions.`;
    found.push({ code: 'IST0135', about, text });
  }
  if (known.kinds.includes('Any')) return found;
  if (!known.kinds.includes(about.kind)) {
    const text = `Misplaced annotation: ${name} can only be applied to ${known.kinds.join(', ')}`;
    return [...found, { code: 'IST0107', about, text }];
  }
  const problem = annotationProblem(name, value);
  if (problem === undefined) return found;
  return [...found, { code: 'IST0125', about, text: `Invalid annotation ${name}: ${problem}` }];
}
