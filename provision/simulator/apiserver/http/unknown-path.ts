import type { Kind } from '../../kinds/kind.ts';
import { notFound, unknownResource } from '../errors.ts';
import { sendPageNotFound, type Exchange } from './exchange.ts';
import type { ResourceInfo } from './requests/request-info.ts';

/**
 * Refuses a path below a group that names nothing.
 * @throws ApiError 404 for a group that is built in; what is below any other group is for nobody, and gets a page of text
 */
export function refuseUnknown({ context, response }: Exchange, group = ''): void {
  const isBuiltin = (kind: Kind) => kind.group === group && kind.isCustom !== true;
  if (group === '' || context.core.kinds.all().some(isBuiltin)) throw unknownResource();
  sendPageNotFound(response);
}

/** The refusal of a part that objects of a kind do not have: a custom resource is said to be missing, whether it is or not. */
export function unknownPart(kind: Kind, { name }: ResourceInfo): Error {
  return kind.isCustom === true ? notFound(kind, name) : unknownResource();
}
