/** A page of a lab: what `?step=` names. Steps count from 0 here and from 1 in the address. */
export type Place =
  | { readonly type: 'intro' }
  | { readonly type: 'step'; readonly index: number }
  | { readonly type: 'finish' };

export type Route =
  | { readonly type: 'catalogue' }
  | { readonly type: 'lab'; readonly lab: string; readonly place?: Place }
  | { readonly type: 'unknown' };

/** The page an address stands for; a `?step=` that makes no sense is as good as none. */
export function readAddress(address: {
  readonly pathname: string;
  readonly search: string;
}): Route {
  const parts = address.pathname.split('/').filter((part) => part !== '');
  const [room, lab] = parts;
  if (room === undefined) return { type: 'catalogue' };
  if (room !== 'labs' || lab === undefined || parts.length > 2) return { type: 'unknown' };
  const name = decode(lab);
  if (name === undefined) return { type: 'unknown' };
  const place = readPlace(new URLSearchParams(address.search).get('step'));
  return { type: 'lab', lab: name, ...(place && { place }) };
}

/** The address of a lab, or of one of its pages. */
export function labAddress(lab: string, place?: Place): string {
  const path = `/labs/${encodeURIComponent(lab)}`;
  return place ? `${path}?step=${placeName(place)}` : path;
}

function placeName(place: Place): string {
  return place.type === 'step' ? String(place.index + 1) : place.type;
}

function readPlace(name: string | null): Place | undefined {
  if (name === 'intro' || name === 'finish') return { type: name };
  if (name === null || !/^[1-9]\d{0,3}$/.test(name)) return undefined;
  return { type: 'step', index: Number(name) - 1 };
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    // A stray % in a typed address.
    return undefined;
  }
}
