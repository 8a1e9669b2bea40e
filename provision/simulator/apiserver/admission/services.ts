import type { JsonObject } from '../../kinds/object.ts';
import type { Store } from '../store/store.ts';
import type { AdmissionPlugin } from './admission.ts';

export function serviceAddresses(_store: Store): AdmissionPlugin {
  return { mutate: (_request, object: JsonObject) => object };
}
