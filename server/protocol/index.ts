/** Everything the page and the server say to each other. No Node, no DOM: both sides compile it. */
export * from './catalogue.ts';
export * from './files.ts';
export * from './locale.ts';
export * from './session.ts';
export * from './shell-marks.ts';
export * from './socket.ts';
export { wire, type WirePacket } from './wire.ts';
