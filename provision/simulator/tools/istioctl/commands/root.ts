import type { Command } from '../cli/command.ts';
import { adminCommand } from './admin.ts';
import { analyzeCommand } from './analyze/analyze.ts';
import { completeCommand, completionCommand } from './completion.ts';
import { dashboardCommand } from './dashboard.ts';
import { describeCommand } from './describe/describe.ts';
import { authzCommand } from './experimental/authz.ts';
import { checkInjectCommand } from './experimental/check-inject.ts';
import { configCommand } from './experimental/config.ts';
import { envoyStatsCommand } from './experimental/envoy-stats.ts';
import { injectorCommand } from './experimental/injector.ts';
import { internalDebugCommand } from './experimental/internal-debug.ts';
import { metricsCommand } from './experimental/metrics.ts';
import { workloadCommand } from './experimental/workload.ts';
import { installCommand } from './install/install.ts';
import { manifestCommand } from './install/manifest.ts';
import { uninstallCommand } from './install/uninstall.ts';
import { upgradeCommand } from './install/upgrade.ts';
import { kubeInjectCommand } from './kube-inject/kube-inject.ts';
import { notSimulated } from './not-simulated.ts';
import { precheckCommand } from './precheck.ts';
import { proxyConfigCommand } from './proxy-config/proxy-config.ts';
import { proxyStatusCommand } from './proxy-status.ts';
import { remoteClustersCommand } from './remote-clusters.ts';
import { tagCommand } from './tag/tag.ts';
import { validateCommand } from './validate.ts';
import { versionCommand } from './version.ts';

const experimental: Command = {
  name: 'experimental',
  aliases: ['x', 'exp'],
  short: 'Commands that may change or go away',
  commands: [
    precheckCommand,
    versionCommand,
    authzCommand,
    checkInjectCommand,
    configCommand,
    describeCommand,
    envoyStatsCommand,
    injectorCommand,
    internalDebugCommand,
    proxyStatusCommand,
    metricsCommand,
    workloadCommand,
  ],
};

const NO_AMBIENT = 'ambient mode is not simulated, only sidecars and gateways are';

/** All of istioctl. */
export const rootCommand: Command = {
  name: 'istioctl',
  short: 'Install Istio and look into the mesh',
  long: `istioctl installs Istio, and shows what the mesh does and why.

This is the istioctl of the Regatta simulator: it says and does what Istio 1.30.3 would, as far as it goes,
and refuses in words where it does not.`,
  commands: [
    analyzeCommand,
    completionCommand,
    dashboardCommand,
    experimental,
    installCommand,
    kubeInjectCommand,
    manifestCommand,
    proxyConfigCommand,
    proxyStatusCommand,
    tagCommand,
    uninstallCommand,
    upgradeCommand,
    versionCommand,
    completeCommand(() => rootCommand),
    adminCommand,
    notSimulated('bug-report', 'Collect logs and configuration for a report', {
      why: 'what runs here is no Istio that its maintainers could look into',
    }),
    notSimulated('create-remote-secret', 'A secret by which another cluster reads this one', {
      why: 'a mesh is one cluster here',
    }),
    remoteClustersCommand,
    validateCommand,
    notSimulated('waypoint', 'Waypoint proxies of ambient mode', { why: NO_AMBIENT }),
    notSimulated('ztunnel-config', 'Configuration of ztunnel', {
      aliases: ['zc'],
      why: NO_AMBIENT,
    }),
  ],
};
