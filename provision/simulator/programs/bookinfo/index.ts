import type { Program } from '../program.ts';
import { mongoServer } from './databases/mongo-server.ts';
import { mysqlServer } from './databases/mysql-server.ts';
import { detailsV1, detailsV2 } from './details.ts';
import { bookinfoProgram } from './http-service.ts';
import { productpageV1 } from './productpage/productpage.ts';
import { ratingsVersions } from './ratings.ts';
import { reviewsV1, reviewsV2, reviewsV3 } from './reviews.ts';

/** The services of Istio's sample Bookinfo, on port 9080, and its databases (https://istio.io/latest/docs/examples/bookinfo/). */
export const bookinfoPrograms: readonly Program[] = [
  ...[detailsV1, detailsV2, productpageV1, ...ratingsVersions, reviewsV1, reviewsV2, reviewsV3].map(
    bookinfoProgram,
  ),
  mongoServer,
  mysqlServer,
];
