/** Ports of a proxy that its own traffic rules never touch. */
export const PROXY_PORTS = {
  admin: 15_000,
  merged: 15_020,
  health: 15_021,
  prometheus: 15_090,
} as const;
