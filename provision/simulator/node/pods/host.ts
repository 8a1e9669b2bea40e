import type { ClusterClient } from '../../client/client.ts';
import type { Clock } from '../../clock.ts';
import type { EventRecorder } from '../../controllers/events.ts';
import type { Pod } from '../../kinds/types/core.ts';
import type { Network } from '../../net/network.ts';
import type { Program } from '../../programs/program.ts';
import type { FileChanges } from '../files/changes.ts';
import type { PodAddresses } from './addresses.ts';
import type { ContainerTimes } from './images/images.ts';
import type { Folders } from './volumes/folders.ts';

/** What a pod finds on its node. */
export interface PodHost {
  readonly name: string;
  readonly ip: string;
  readonly addresses: PodAddresses;
  /** Images that have been pulled already. */
  readonly images: Set<string>;
  readonly client: ClusterClient;
  readonly clock: Clock;
  readonly network: Network;
  readonly random: () => number;
  readonly programs: readonly Program[];
  readonly times: ContainerTimes;
  /** The kubelet's. */
  readonly events: EventRecorder;
  /** Changes to containers' files from an earlier life of the cluster, by pod uid and container name. */
  readonly savedFiles: Readonly<Record<string, FileChanges>>;
  /** Folders of this node and of persistent volumes. */
  readonly folders: Folders;
  readonly serviceAccountToken: (pod: Pod, audience: string) => string;
}
