import type { Container, Pod } from '../../../kinds/types/core.ts';
import type { Program } from '../../../programs/program.ts';

/** Why a container that must not run as root cannot be made, in the kubelet's words; undefined when it can. */
export function userProblem(pod: Pod, container: Container, program: Program): string | undefined {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  if ((own.runAsNonRoot ?? shared.runAsNonRoot) !== true) return undefined;
  const { name, namespace = 'default', uid } = pod.metadata;
  const place = `(pod: "${name}_${namespace}(${uid})", container: ${container.name})`;
  const user = own.runAsUser ?? shared.runAsUser;
  if (user === 0) return `container's runAsUser breaks non-root policy ${place}`;
  if (user !== undefined) return undefined;
  const { uid: imageUid, name: imageUser } = program.user ?? { uid: 0, name: 'root' };
  if (imageUid === 0) return `container has runAsNonRoot and image will run as root ${place}`;
  return /^[0-9]+$/.test(imageUser)
    ? undefined
    : `container has runAsNonRoot and image has non-numeric user (${imageUser}), cannot verify user is non-root ${place}`;
}
