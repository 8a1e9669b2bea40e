import type { StartingState } from '../../provision/index.ts';
import { UsageError } from './command.ts';

const PROFILES = ['none', 'minimal', 'default', 'demo'] as const;

/**
 * What `--istio` and `--bookinfo` ask for.
 * @throws UsageError for a profile that there is not
 */
export function readStartingState(values: {
  readonly istio?: string | undefined;
  readonly bookinfo?: boolean | undefined;
}): StartingState {
  const hasBookinfo = values.bookinfo ?? false;
  const istio = PROFILES.find((name) => name === (values.istio ?? (hasBookinfo ? 'demo' : 'none')));
  if (istio) return { istio, hasBookinfo };
  throw new UsageError(`Cannot use --istio ${values.istio ?? ''}: it takes ${PROFILES.join(', ')}`);
}
