import type { ContainerContext } from './program.ts';
import { goLogTime, pathOf, textServer } from './text-server.ts';

/** The application of "Learn Kubernetes Basics": it says on which pod it runs and counts requests. */
export const bootcamp = textServer({
  images: ['google-samples/kubernetes-bootcamp', 'jocatalin/kubernetes-bootcamp'],
  commands: ['bash', 'curl'],
  port: () => 8080,
  greeting: ({ clock, pod }) => [
    `Kubernetes Bootcamp App Started At: ${new Date(clock.now()).toISOString()} | Running On:  ${pod.metadata.name} `,
    '',
  ],
  serve: ({ clock, container, log, pod }) => {
    const startedMs = clock.now();
    const version = /:v(\d+)$/.exec(container.image)?.[1] ?? '1';
    let requests = 0;
    return () => {
      requests += 1;
      const uptime = (clock.now() - startedMs) / 1_000;
      const time = new Date(clock.now()).toISOString();
      log(
        `Running On: ${pod.metadata.name} | Total Requests: ${requests} | App Uptime: ${uptime} seconds | Log Time: ${time}`,
      );
      const text = `Hello Kubernetes bootcamp! | Running on: ${pod.metadata.name} | v=${version}\n`;
      return { text, type: 'text/plain' };
    };
  },
});

/** The application of "Exposing an External IP Address": version and pod by name, on port 8080 or `PORT`. */
export const helloApp = textServer({
  images: ['google-samples/hello-app', 'google-samples/containers/gke/hello-app'],
  hasShell: false,
  port: portOf,
  greeting: (context) => [`${goLogTime(context)} Server listening on port ${portOf(context)}`],
  serve: (context) => (request) => {
    const { container, log, pod } = context;
    const version = /:(\d+)\.\d+$/.exec(container.image)?.[1] ?? '1';
    log(`${goLogTime(context)} Serving request: ${pathOf(request)}`);
    return { text: `Hello, world!\nVersion: ${version}.0.0\nHostname: ${pod.metadata.name}\n` };
  },
});

/** The application of "Use a Service to Access an Application in a Cluster". */
export const nodeHello = textServer({
  images: ['google-samples/node-hello'],
  commands: ['bash', 'curl'],
  port: () => 8080,
  serve: () => () => ({ text: 'Hello Kubernetes!', type: 'text/plain' }),
});

/** The server of Istio's task "Health Checking of Istio Services": well at every path, on port 8001. */
export const healthExample = textServer({
  images: ['istio/health', 'release/health'],
  hasShell: false,
  port: () => 8001,
  serve: () => () => ({ text: 'ok\n' }),
});

/** The server of "Define a TCP liveness probe": its port is open, and it passes nothing on. */
export const goProxy = textServer({
  images: ['goproxy', 'google_containers/goproxy'],
  hasShell: false,
  port: () => 8080,
  serve: () => () => ({ status: 501, text: "The Regatta simulator's goproxy passes nothing on\n" }),
});

function portOf({ env }: ContainerContext): number {
  return Number(env['PORT']) || 8080;
}
