import type { Program } from '../program.ts';
import { detailsV1 } from './details.ts';
import { bookinfoProgram } from './http-service.ts';
import { productpageV1 } from './productpage/productpage.ts';
import { ratingsV1 } from './ratings.ts';
import { reviewsV1, reviewsV2, reviewsV3 } from './reviews.ts';

/** The services of Istio's sample Bookinfo, on port 9080 (https://istio.io/latest/docs/examples/bookinfo/). */
export const bookinfoPrograms: readonly Program[] = [
  detailsV1,
  productpageV1,
  ratingsV1,
  reviewsV1,
  reviewsV2,
  reviewsV3,
].map(bookinfoProgram);
