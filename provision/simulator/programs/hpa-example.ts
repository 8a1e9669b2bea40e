import { HttpHeaders } from '../net/http.ts';
import { idle } from './idle.ts';
import { repositoryOf } from './images.ts';
import type { Program } from './program.ts';

/** The server of the "HorizontalPodAutoscaler Walkthrough": each request is work, and the answer is `OK!`. */
export const hpaExample: Program = {
  images: ['registry.k8s.io/hpa-example'],
  matches: (image) =>
    ['hpa-example', 'google_containers/hpa-example'].includes(repositoryOf(image)),
  commands: ['bash', 'curl', 'apt', 'apt-get', 'getent'],
  start({ network }) {
    const listening = network.listen(80, {
      type: 'http',
      handle: async () => ({
        status: 200,
        headers: new HttpHeaders([['content-type', 'text/html; charset=UTF-8']]),
        body: Buffer.from('OK!'),
      }),
    });
    return idle(listening);
  },
};
