import type { Program } from '../program.ts';
import { goHttpbin } from './go-httpbin.ts';
import { pythonHttpbin } from './python-httpbin.ts';

export { publicHttpbin } from './python-httpbin.ts';

/** The servers that tell what they are asked (https://istio.io/latest/docs/tasks/). */
export const httpbinPrograms: readonly Program[] = [goHttpbin, pythonHttpbin];
