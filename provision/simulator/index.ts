/** Simulated clusters: Kubernetes with its controllers and nodes, and Istio, in this process. */
export type { ExposedAddress, SimulatedCluster, StartingState } from './cluster.ts';
export { createCluster, restoreCluster } from './compose/index.ts';
export type { HostAnswer, HostEvent, HostRequest } from './host/messages.ts';
export { generateSchemas, SCHEMA_FILE } from './kinds/schemas/generate.ts';
export { buildLabTools, labTools, type LabTools } from './tools/index.ts';
