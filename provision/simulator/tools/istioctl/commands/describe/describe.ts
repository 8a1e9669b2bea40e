import { CommandError, type Command, type Flag } from '../../cli/command.ts';
import { ADMIN_PORT_FLAG } from '../proxy-config/admin.ts';
import { describePod } from './pod.ts';
import { describeService } from './service.ts';

const IGNORE: Flag = {
  name: 'ignoreUnmeshed',
  type: 'boolean',
  usage: 'Suppress warnings for unmeshed pods',
};
const FLAGS = [IGNORE, ADMIN_PORT_FLAG];

export const describeCommand: Command = {
  name: 'describe',
  aliases: ['des'],
  use: '[flags]',
  short: 'What the mesh does with a pod or a service',
  flags: [],
  commands: [
    {
      name: 'pod',
      aliases: ['po'],
      use: '<pod-name>[.<namespace>] [flags]',
      short: 'The services, rules and policies that affect a pod [kube-only]',
      examples: `  istioctl experimental describe pod productpage-v1-676yyy3y5r-d8hdl
  istioctl experimental describe pod istio-ingressgateway-7f4b4f44b-6zd95.istio-system`,
      flags: FLAGS,
      run: describePod,
    },
    {
      name: 'service',
      aliases: ['svc'],
      use: '<svc-name>[.<namespace>] [flags]',
      short: 'The rules and gateways that affect a service [kube-only]',
      examples: `  istioctl experimental describe service productpage
  istioctl experimental describe service istio-ingressgateway -n istio-system`,
      flags: FLAGS,
      run: describeService,
    },
  ],
  unknownArgument: (word) => new CommandError(`unknown resource type ${JSON.stringify(word)}`),
};
