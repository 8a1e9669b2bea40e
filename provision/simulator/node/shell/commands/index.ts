import type { Program, Tool } from '../../../programs/program.ts';
import { ADDRESS_TOOLS } from './addresses.ts';
import { BYTE_TOOLS } from './bytes.ts';
import { curl } from './curl/curl.ts';
import { bindNslookup, DNS_TOOLS } from './dns.ts';
import { IDENTITY_TOOLS } from './identity.ts';
import { nc } from './nc.ts';
import { openssl } from './openssl/openssl.ts';
import { PACKAGE_TOOLS } from './packages.ts';
import { SYSTEM_TOOLS } from './system.ts';
import { wget } from './wget.ts';

const KNOWN_TOOLS: Readonly<Record<string, Tool>> = {
  ...ADDRESS_TOOLS,
  ...DNS_TOOLS,
  ...PACKAGE_TOOLS,
  curl,
  nc,
  netcat: nc,
  openssl,
  wget,
};

/** The commands of an image beside the shell's utilities: what every shell has, those its program names, and its own. */
export function toolsOf(
  program: Pick<Program, 'commands' | 'tools' | 'hasShell'>,
): ReadonlyMap<string, Tool> {
  const named = (program.commands ?? []).flatMap((name): [string, Tool][] => {
    const tool = KNOWN_TOOLS[name];
    return tool ? [[name, tool]] : [];
  });
  return new Map([
    ...(program.hasShell === false
      ? []
      : Object.entries({ ...SYSTEM_TOOLS, ...BYTE_TOOLS, ...IDENTITY_TOOLS })),
    ...named,
    // bind's tools come together.
    ...(program.commands?.includes('dig') ? [['nslookup', bindNslookup] as const] : []),
    ...Object.entries(program.tools ?? {}),
  ]);
}
