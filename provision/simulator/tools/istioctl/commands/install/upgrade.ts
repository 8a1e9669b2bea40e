import { CommandError, type Command, type Invocation } from '../../cli/command.ts';
import { connect } from '../../kube/connect.ts';
import { controlPlanes } from '../../kube/installed.ts';
import { install, INSTALL_FLAGS } from './install.ts';

export const upgradeCommand: Command = {
  name: 'upgrade',
  short: 'Bring an installation to the version of this istioctl',
  flags: INSTALL_FLAGS,
  run: upgrade,
};

async function upgrade(invocation: Invocation): Promise<number> {
  using api = await connect(invocation);
  const namespace = invocation.flags.text('istioNamespace');
  if ((await controlPlanes(api, namespace)).length === 0) {
    throw new CommandError(
      `Istio control plane not found in namespace "${namespace}": use 'istioctl install' for a first installation`,
    );
  }
  return install(invocation);
}
