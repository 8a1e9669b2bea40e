import type { HttpResponse } from '../../../net/http.ts';

/** A part of the page that another service answers for. */
export interface Answer<T> {
  /** The service's own status, 500 when there was no answer at all. */
  readonly status: number;
  /** Undefined when the service failed. */
  readonly value: T | undefined;
  /** What callers of `/api/v1` get: the service's JSON, or the apology. */
  readonly body: string;
}

export type Details = Readonly<Record<string, string | number>>;

export interface Reviews {
  readonly podName: string;
  readonly reviews: readonly Review[];
}

export interface Review {
  readonly reviewer: string;
  readonly text: string;
  readonly rating:
    | { readonly type: 'none' }
    | { readonly type: 'stars'; readonly stars: number; readonly color: 'black' | 'red' }
    | { readonly type: 'error'; readonly message: string };
}

/** Reads what a service said; anything but 200 with the JSON expected of it counts as a failure. */
export function readAnswer<T>(
  service: 'details' | 'reviews' | 'ratings',
  response: HttpResponse | undefined,
  read: (value: object) => T,
): Answer<T> {
  const apology = `Sorry, product ${service} are currently unavailable for this book.`;
  const failed = (status: number) => ({
    status,
    value: undefined,
    body: JSON.stringify({ error: apology }),
  });
  if (response?.status !== 200) return failed(response?.status ?? 500);
  const body = Buffer.from(response.body).toString('utf8');
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null
      ? { status: 200, value: read(value), body }
      : failed(500);
  } catch {
    return failed(500);
  }
}

/** Facts of a book by name. */
export function readDetails(value: object): Details {
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string | number] =>
        typeof entry[1] === 'string' || typeof entry[1] === 'number',
    ),
  );
}

/** The reviews, with whatever they carry of ratings. */
export function readReviews(value: object): Reviews {
  const podName = 'podname' in value ? String(value.podname) : '';
  const list: readonly unknown[] =
    'reviews' in value && Array.isArray(value.reviews) ? value.reviews : [];
  return { podName, reviews: list.flatMap(readReview) };
}

function readReview(value: unknown): readonly Review[] {
  if (typeof value !== 'object' || value === null) return [];
  return [
    {
      reviewer: 'reviewer' in value ? String(value.reviewer) : '',
      text: 'text' in value ? String(value.text) : '',
      rating: readRating('rating' in value ? value.rating : undefined),
    },
  ];
}

function readRating(value: unknown): Review['rating'] {
  if (typeof value !== 'object' || value === null) return { type: 'none' };
  if ('error' in value) return { type: 'error', message: String(value.error) };
  const stars = 'stars' in value && typeof value.stars === 'number' ? value.stars : 0;
  const isRed = 'color' in value && value.color === 'red';
  return { type: 'stars', stars, color: isRed ? 'red' : 'black' };
}
