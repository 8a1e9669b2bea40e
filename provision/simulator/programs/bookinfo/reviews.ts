import type { Json } from '../../kinds/object.ts';
import type { HttpRequest } from '../../net/http.ts';
import type { ContainerContext } from '../program.ts';
import { pathOf } from '../text-server.ts';
import { forwardedHeaders } from './forwarded-headers.ts';
import { answer, type BookinfoService, PORT } from './http-service.ts';
import { pythonJson } from './productpage/python-json.ts';
import { callUpstream, upstreamHost } from './upstream.ts';

const REVIEWS = [
  {
    reviewer: 'Reviewer1',
    text: 'Two pairs of twins, one long day, and not a dull line: I laughed from the first scene to the last.',
  },
  {
    reviewer: 'Reviewer2',
    text: 'Lighter than the later plays, and none the worse for it. A quick plot, well told.',
  },
];

/** Version 2 waits long for its stars, version 3 gives up soon: what the lesson on time-outs shows. */
const RATINGS_TIMEOUT_MS = { black: 10_000, red: 2_500 };

/** Version 1 has no stars, version 2 black ones, version 3 red ones: Bookinfo's reviews service (Java on Open Liberty). */
export const reviewsV1 = reviews('reviews-v1', undefined);
export const reviewsV2 = reviews('reviews-v2', 'black');
export const reviewsV3 = reviews('reviews-v3', 'red');

function reviews(name: string, stars: 'black' | 'red' | undefined): BookinfoService {
  return {
    name,
    commands: ['bash', 'curl'],
    greeting: () => [
      'Launching defaultServer (Open Liberty) in the Regatta simulator',
      '[AUDIT   ] CWWKE0001I: The server defaultServer has been launched.',
      '[AUDIT   ] CWWKT0016I: Web application available (default_host): http://localhost:9080/',
      '[AUDIT   ] CWWKF0011I: The defaultServer server is ready to run a smarter planet.',
    ],
    serve: (context) => async (request) => {
      const path = pathOf(request);
      if (path === '/health') return answer(200, 'application/json', HEALTHY);
      const id = /^\/reviews\/(\d+)$/.exec(path)?.[1];
      if (id === undefined) return answer(404, 'text/plain', 'Not Found');
      const ratings = stars && (await starsFor(id, request, context, stars));
      return answer(200, 'application/json', reviewsText(id, context, ratings));
    },
  };
}

/** The answer as the sample puts it together, spaces and all. */
function reviewsText(
  id: string,
  { env, pod }: ContainerContext,
  ratings: ((reviewer: string) => Json) | undefined,
): string {
  const all = REVIEWS.map(({ reviewer, text }) => {
    const rating = ratings ? `, "rating": ${pythonJson(ratings(reviewer))}` : '';
    return `{  "reviewer": "${reviewer}",  "text": ${JSON.stringify(text)}${rating}}`;
  });
  const cluster = env['CLUSTER_NAME'] ?? 'null';
  return (
    `{"id": "${Number(id)}","podname": "${pod.metadata.name}","clustername": ${JSON.stringify(cluster)},` +
    `"reviews": [${all.join(',')}]}`
  );
}

/** How each reviewer's rating is shown: stars, or that the ratings service did not answer. */
async function starsFor(
  id: string,
  request: HttpRequest,
  context: ContainerContext,
  color: 'black' | 'red',
): Promise<(reviewer: string) => Json> {
  const response = await callUpstream(context, {
    service: 'ratings',
    path: `/ratings/${id}`,
    headers: forwardedHeaders(request.headers),
    timeoutMs: RATINGS_TIMEOUT_MS[color],
  });
  const ratings = response?.status === 200 ? readStars(response.body) : undefined;
  if (!ratings) {
    const address = `http://${upstreamHost(context.env, 'ratings')}:${PORT}/ratings`;
    const why = response
      ? `got status of ${response.status}`
      : 'got exception javax.ws.rs.ProcessingException: no answer came in time';
    context.log(`Error: unable to contact ${address} ${why}`);
    return () => UNAVAILABLE;
  }
  return (reviewer) => {
    const stars = ratings.get(reviewer) ?? -1;
    return stars === -1 ? UNAVAILABLE : { stars, color };
  };
}

const HEALTHY = '{"status": "Reviews is healthy"}';
const UNAVAILABLE: Json = { error: 'Ratings service is currently unavailable' };

function readStars(body: Uint8Array): ReadonlyMap<string, number> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    if (typeof value !== 'object' || value === null || !('ratings' in value)) return undefined;
    return new Map(
      Object.entries(value.ratings ?? {}).flatMap(([reviewer, stars]) =>
        typeof stars === 'number' ? [[reviewer, stars] as const] : [],
      ),
    );
  } catch {
    return undefined;
  }
}
