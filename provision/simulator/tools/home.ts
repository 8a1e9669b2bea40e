/** What the tools put into a learner's home folder: Istio's samples, and the Gateway API's definitions as its releases have them. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { stringify } from 'yaml';

import type { NewObject } from '../client/client.ts';

const SAMPLES = fileURLToPath(new URL('./samples', import.meta.url));

/** Where in the home folder the Gateway API's definitions are, by release channel. */
export const GATEWAY_API_FILES = {
  standard: 'gateway-api/standard-install.yaml',
  experimental: 'gateway-api/experimental-install.yaml',
} as const;

/** Lists the definitions of a release channel; given from outside because their schemas are generated. */
export type ListGatewayApi = (channel: keyof typeof GATEWAY_API_FILES) => readonly NewObject[];

/** Fills a home folder. */
export function buildHome(homeFolder: string, gatewayApi: ListGatewayApi): void {
  cpSync(SAMPLES, homeFolder, { recursive: true });
  for (const channel of ['standard', 'experimental'] as const) {
    const file = path.join(homeFolder, GATEWAY_API_FILES[channel]);
    mkdirSync(path.dirname(file), { recursive: true });
    const documents = gatewayApi(channel).map((object) => stringify(object, OPTIONS));
    writeFileSync(file, documents.map((text) => `---\n${text}`).join(''));
  }
}

// Definitions share parts; written out, every object stands for itself.
const OPTIONS = { aliasDuplicateObjects: false, lineWidth: 0 } as const;
