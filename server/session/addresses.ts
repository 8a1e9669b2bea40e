import type { Cluster, ExposedAddress } from '../../provision/index.ts';
import { refusing } from '../sandbox/listen.ts';
import type { ListenResult, Sandbox } from '../sandbox/sandbox.ts';

const DNS_PORT = 53;

/**
 * Makes the cluster's addresses answer inside the learner's sandbox: listens there on what is new and hands the
 * sockets to the cluster. `onProblem` hears of an address that could not be bound, `onFirst` when the first ones answer.
 */
export function connectAddresses(
  cluster: Cluster,
  sandbox: Sandbox,
  onProblem: (problem: string) => void,
  onFirst: () => void = () => undefined,
): Disposable {
  /** Tried already, with success or not; an address that goes and comes back is tried again. */
  let known = new Set<string>();
  let waiting: readonly ExposedAddress[] = [];
  let isBusy = false;

  async function openWaiting(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await open(batch).catch((error: unknown) => {
        onProblem(error instanceof Error ? error.message : String(error));
      });
      onFirst();
    }
    isBusy = false;
  }

  async function open(addresses: readonly ExposedAddress[]): Promise<void> {
    const results = await sandbox.listen(addresses);
    await Promise.all(
      results.map(async (result) => {
        if ('socket' in result) {
          await cluster.serve({ ip: result.ip, port: result.port }, refusing(result.socket));
        } else {
          tellUnbound(result, onProblem);
        }
      }),
    );
  }

  return cluster.watchAddresses((addresses) => {
    const fresh = addresses.filter((address) => !known.has(keyOf(address)));
    known = new Set(addresses.map(keyOf));
    waiting = [...waiting.filter((address) => known.has(keyOf(address))), ...fresh];
    void openWaiting();
  });
}

/** Makes the cluster's name server answer inside the learner's sandbox; a cluster without one for learners has none there. */
export async function connectDns(
  cluster: Cluster,
  sandbox: Sandbox,
  onProblem: (problem: string) => void,
): Promise<void> {
  const { dnsIp: ip } = cluster;
  if (ip === undefined) return;
  const results = await sandbox.listen([
    { ip, port: DNS_PORT, protocol: 'udp' },
    { ip, port: DNS_PORT },
  ]);
  // Each is handed over, whatever becomes of the other: a socket that nobody owns would keep the sandbox's network alive.
  await Promise.all(
    results.map(async (result) => {
      if ('udp' in result) await cluster.serveDns(result.udp);
      else if ('socket' in result) await cluster.serveDns(result.socket);
      else tellUnbound(result, onProblem);
    }),
  );
}

function tellUnbound(result: ListenResult, onProblem: (problem: string) => void): void {
  const why = 'error' in result ? result.error : 'another kind of socket came';
  onProblem(`Cannot answer on ${keyOf(result)}: ${why}`);
}

function keyOf({ ip, port }: ExposedAddress): string {
  return `${ip}:${port}`;
}
