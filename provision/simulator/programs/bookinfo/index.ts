/** Bookinfo, Istio's sample application: the programs in its images (https://istio.io/latest/docs/examples/bookinfo/). */
import type { Program } from '../program.ts';
import { detailsV1 } from './details.ts';
import { bookinfoProgram } from './http-service.ts';
import { productpageV1 } from './productpage/index.ts';
import { ratingsV1 } from './ratings.ts';
import { reviewsV1, reviewsV2, reviewsV3 } from './reviews.ts';

/** What the images `examples-bookinfo-<app>-<version>` hold. */
export const bookinfoPrograms: readonly Program[] = [
  detailsV1,
  productpageV1,
  ratingsV1,
  reviewsV1,
  reviewsV2,
  reviewsV3,
].map(bookinfoProgram);
