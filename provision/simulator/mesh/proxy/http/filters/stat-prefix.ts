import type { HttpStream } from '../stream.ts';

/** How statistics of a listener's requests begin: `http.inbound_0.0.0.0_80;.` */
export function statPrefixOf({ manager, destination }: HttpStream): string {
  return `http.${manager.direction.toLowerCase()}_0.0.0.0_${destination.port};.`;
}
