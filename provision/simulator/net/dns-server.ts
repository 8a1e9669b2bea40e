import { Socket as UdpSocket } from 'node:dgram';
import type { Server, Socket } from 'node:net';

import packet, { type Answer, type DecodedPacket, type Packet, type Question } from 'dns-packet';

import type { DnsAnswer, DnsRecord, DnsType } from './dns.ts';
import {
  DNS_CONNECTION_IDLE_MS,
  DNS_CONNECTIONS,
  DNS_MESSAGE_BYTES,
  DNS_QUERIES_PER_SECOND,
} from './limits.ts';

/** What the name server knows of a name. */
export type AskDns = (name: string, type: DnsType) => DnsAnswer;

/**
 * Answers queries as CoreDNS does on a socket that is bound already (RFC 1035). Closing it is the caller's. Queries beyond the
 * allowance are dropped unread: who floods the server is to cost its process little.
 */
export function serveDns(
  socket: Server | UdpSocket,
  ask: AskDns,
  now: () => number = () => performance.now(),
): void {
  let startMs = now();
  let count = 0;
  const isAllowed = () => {
    if (now() - startMs >= SECOND_MS) {
      startMs = now();
      count = 0;
    }
    count++;
    return count <= DNS_QUERIES_PER_SECOND;
  };
  if (socket instanceof UdpSocket) serveUdp(socket, ask, isAllowed);
  else serveTcp(socket, ask, isAllowed);
}

type IsAllowed = () => boolean;

const SECOND_MS = 1_000;

/** What kubeadm's Corefile sets for the zone of the cluster. */
const TTL_S = 30;
/** Of an answer by UDP to a client that does not say what it takes, and at most (https://www.dnsflagday.net/2020/). */
const PLAIN_BYTES = 512;
const DATAGRAM_BYTES = 1_232;
const ZONE = 'cluster.local';
const RESPONSE_CODE_MASK = 0xf;
const FORMAT_ERROR = 1;
const NO_SUCH_NAME = 3;
const NOT_IMPLEMENTED = 4;
const REFUSED = 5;
const TYPES: readonly DnsType[] = ['A', 'AAAA', 'CNAME', 'SRV', 'PTR', 'NS', 'TXT', 'MX', 'SOA'];

function serveUdp(socket: UdpSocket, ask: AskDns, isAllowed: IsAllowed): void {
  // A client that has gone is told by an error of the socket, which is nobody's fault.
  socket.on('error', () => undefined);
  socket.on('message', (message, from) => {
    const response = isAllowed() ? respond(message, ask) : undefined;
    if (!response) return;
    const bytes = packet.encode(response.packet);
    const isTooLong = bytes.length > response.datagramBytes;
    const data = isTooLong ? packet.encode(truncated(response.packet)) : bytes;
    socket.send(data, from.port, from.address, () => undefined);
  });
}

function serveTcp(server: Server, ask: AskDns, isAllowed: IsAllowed): void {
  server.maxConnections = DNS_CONNECTIONS;
  server.on('connection', (socket) => serveConnection(socket, ask, isAllowed));
}

/** Each message comes after its length in two bytes. */
function serveConnection(socket: Socket, ask: AskDns, isAllowed: IsAllowed): void {
  let waiting = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.setTimeout(DNS_CONNECTION_IDLE_MS, () => socket.destroy());
  socket.on('data', (data) => {
    waiting = Buffer.concat([waiting, data]);
    while (waiting.length >= 2) {
      const length = waiting.readUInt16BE();
      if (length > DNS_MESSAGE_BYTES) {
        socket.destroy();
        return;
      }
      if (waiting.length < 2 + length) return;
      const response = isAllowed() ? respond(waiting.subarray(2, 2 + length), ask) : undefined;
      waiting = waiting.subarray(2 + length);
      // Who asks on without reading is not answered any more.
      if (!response || socket.writableNeedDrain) {
        socket.destroy();
        return;
      }
      socket.write(packet.streamEncode(response.packet));
    }
  });
}

interface Response {
  readonly packet: Packet;
  /** What the client takes in one datagram. */
  readonly datagramBytes: number;
}

/** Nothing for what is no query: answering it could begin a conversation between two servers. */
function respond(message: Buffer, ask: AskDns): Response | undefined {
  if (message.length < 12 || (message.readUInt8(2) & 0x80) !== 0) return undefined;
  let query: DecodedPacket;
  try {
    query = packet.decode(message);
  } catch {
    const malformed = {
      type: 'response',
      id: message.readUInt16BE(),
      flags: FORMAT_ERROR,
    } as const;
    return { packet: malformed, datagramBytes: PLAIN_BYTES };
  }
  const isStandard = ((message.readUInt8(2) >> 3) & 0xf) === 0;
  const option = query.additionals?.find((record) => record.type === 'OPT');
  const size = option && 'udpPayloadSize' in option ? option.udpPayloadSize : PLAIN_BYTES;
  const answered = {
    ...(isStandard ? answerTo(query, ask) : { flags: NOT_IMPLEMENTED }),
    type: 'response',
    id: query.id ?? 0,
    questions: query.questions ?? [],
    ...(option && {
      additionals: [
        {
          type: 'OPT',
          name: '.',
          udpPayloadSize: DATAGRAM_BYTES,
          flags: 0,
          options: [],
          extendedRcode: 0,
          ednsVersion: 0,
          flag_do: false,
        },
      ],
    }),
  } satisfies Packet;
  return {
    packet: answered,
    datagramBytes: Math.min(Math.max(size, PLAIN_BYTES), DATAGRAM_BYTES),
  };
}

function answerTo(query: DecodedPacket, ask: AskDns): Packet {
  const wanted = (query.flags ?? 0) & packet.RECURSION_DESIRED;
  const flags = wanted | packet.RECURSION_AVAILABLE;
  const [question, ...others] = query.questions ?? [];
  if (!question || others.length > 0) return { flags: flags | FORMAT_ERROR };
  if (question.class !== undefined && question.class !== 'IN') return { flags: flags | REFUSED };
  const { code, records } = ask(question.name, typeOf(question));
  const isOurs = question.name.toLowerCase().endsWith(ZONE);
  return {
    flags:
      flags | (isOurs ? packet.AUTHORITATIVE_ANSWER : 0) | (code === 'NXDOMAIN' ? NO_SUCH_NAME : 0),
    answers: isKnown(question) ? records.map(toAnswer) : [],
    ...(isOurs && records.length === 0 && { authorities: [startOfZone()] }),
  };
}

/** A type that the cluster knows nothing of is asked for as TXT, which tells whether there is such a name. */
function typeOf({ type }: Question): DnsType {
  return TYPES.find((one) => one === type) ?? 'TXT';
}

function isKnown({ type }: Question): boolean {
  return TYPES.some((one) => one === type);
}

function toAnswer({ name, type, data }: DnsRecord): Answer {
  if (type !== 'SRV') return { name, type, ttl: TTL_S, data };
  const [priority, weight, port, target = ''] = data.split(' ');
  return {
    name,
    type,
    ttl: TTL_S,
    data: { priority: Number(priority), weight: Number(weight), port: Number(port), target },
  };
}

/** Tells resolvers how long a name that there is not may be remembered as such. */
function startOfZone(): Answer {
  return {
    name: ZONE,
    type: 'SOA',
    ttl: TTL_S,
    data: {
      mname: `ns.dns.${ZONE}`,
      rname: `hostmaster.${ZONE}`,
      serial: 1,
      refresh: 7_200,
      retry: 1_800,
      expire: 86_400,
      minimum: TTL_S,
    },
  };
}

/** The client asks again by TCP. */
function truncated(response: Packet): Packet {
  const flags = ((response.flags ?? 0) & ~RESPONSE_CODE_MASK) | packet.TRUNCATED_RESPONSE;
  return { ...response, flags, answers: [], authorities: [] };
}
