import type { Pod, Volume } from '../../../kinds/types/core.ts';
import { ConfigError } from '../environment.ts';
import type { PodHost } from '../host.ts';
import { volumeContent } from './volumes.ts';

interface Mounting {
  readonly pod: Pod;
  readonly host: PodHost;
  readonly podIp: string;
}

/** In the kubelet's words what a volume lacks; undefined when it is complete. */
export function mountProblem(volume: Volume, { pod, host, podIp }: Mounting): string | undefined {
  try {
    volumeContent(volume, {
      client: host.client,
      pod,
      podIp,
      hostIp: host.ip,
      folders: host.folders,
      nodeName: host.name,
      serviceAccountToken: () => '',
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { message } = error;
    const isClaim = message.startsWith('error processing PVC');
    return isClaim
      ? `Unable to attach or mount volumes: unmounted volumes=[${volume.name}], unattached volumes=[], failed to process volumes=[${volume.name}]: ${message}`
      : `MountVolume.SetUp failed for volume "${volume.name}" : ${message}`;
  }
}
