import { meshPrograms } from '../mesh/index.ts';
import { agnhost, liveness } from './agnhost.ts';
import { bookinfoPrograms } from './bookinfo/index.ts';
import { echoServer, httpEcho, whoami } from './echo-servers.ts';
import { fortio } from './fortio/index.ts';
import { bootcamp, goProxy, healthExample, helloApp, nodeHello } from './hello-servers.ts';
import { helloworld } from './helloworld.ts';
import { hpaExample } from './hpa-example.ts';
import { httpbinPrograms } from './httpbin/index.ts';
import { httpd } from './httpd.ts';
import { istioEcho } from './istio-echo.ts';
import { kubeSystem } from './kube-system.ts';
import { alpine, bash, busybox, curl, debian, fedora, netshoot, ubuntu } from './linux.ts';
import { metricsServer } from './metrics-server.ts';
import { nginx } from './nginx.ts';
import { notificationSink } from './notification-sink.ts';
import { pause } from './pause.ts';
import { perlImage } from './perl.ts';
import type { Program } from './program.ts';
import { stress } from './stress.ts';
import { tcpEcho } from './tcp-echo.ts';

/** What images hold, in the order they are asked; a new program is one line here. */
export const PROGRAMS: readonly Program[] = [
  agnhost,
  alpine,
  bash,
  bootcamp,
  busybox,
  curl,
  debian,
  echoServer,
  fedora,
  fortio,
  goProxy,
  healthExample,
  helloApp,
  helloworld,
  hpaExample,
  httpd,
  httpEcho,
  istioEcho,
  kubeSystem,
  liveness,
  metricsServer,
  netshoot,
  nginx,
  nodeHello,
  notificationSink,
  pause,
  perlImage,
  stress,
  tcpEcho,
  ubuntu,
  whoami,
  ...bookinfoPrograms,
  ...httpbinPrograms,
  ...meshPrograms,
];
