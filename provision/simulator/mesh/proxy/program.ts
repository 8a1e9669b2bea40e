import { HttpHeaders } from '../../net/http.ts';
import type { ContainerContext, Program, RunningProgram, Tool } from '../../programs/program.ts';
import { isImage } from '../images.ts';
import { PROXY_PORTS } from './admin/proxy-ports.ts';
import { GatewayProxy } from './gateway.ts';
import { Sidecar } from './sidecar.ts';

/** Istio's proxy image: by its first arguments istio-init, a sidecar or a gateway. */
export const proxy: Program = {
  matches: (image) => isImage(image, 'proxyv2'),
  images: ['proxyv2'],
  commands: ['curl', 'openssl'],
  tools: { 'pilot-agent': pilotAgent },
  user: { name: 'istio-proxy', uid: 1337 },
  start(container) {
    const [command, role] = container.container.args ?? [];
    if (command === 'istio-iptables') return redirectTraffic(container);
    return role === 'router' ? new GatewayProxy(container) : new Sidecar(container);
  },
};

/** istio-init: the redirection itself is the network's; what is left is the log and the exit. */
function redirectTraffic({ log, container }: ContainerContext): RunningProgram {
  const flag = (name: string) => {
    const args = container.args ?? [];
    return args[args.indexOf(name) + 1] ?? '';
  };
  log('info\tistio-iptables');
  log(`PROXY_PORT=${flag('-p')}`);
  log(`PROXY_INBOUND_CAPTURE_PORT=${flag('-z')}`);
  log(`PROXY_UID=${flag('-u')}`);
  log(`INBOUND_PORTS_EXCLUDE=${flag('-d')}`);
  log('info\tCommand success');
  return { exited: Promise.resolve(0), stop: () => undefined };
}

/** `pilot-agent request GET PATH`: asks the proxy's admin port, as learners do to read statistics. */
async function pilotAgent(args: readonly string[], { network, signal }: Parameters<Tool>[1]) {
  const words = args.filter((word) => !word.startsWith('--'));
  const [command, method = 'GET', path = ''] = words;
  if (command !== 'request') {
    const stderr = `Error: the simulated pilot-agent knows "request METHOD PATH", not "${args.join(' ')}"\n`;
    return { stdout: '', stderr, exitCode: 1 };
  }
  const { body } = await network.request(
    { host: 'localhost', port: PROXY_PORTS.admin },
    {
      method,
      path: path.startsWith('/') ? path : `/${path}`,
      authority: `localhost:${PROXY_PORTS.admin}`,
      headers: new HttpHeaders(),
      body: new Uint8Array(),
      signal,
    },
  );
  return { stdout: body, stderr: '', exitCode: 0 };
}
