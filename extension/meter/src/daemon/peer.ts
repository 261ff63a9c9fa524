import type { Socket } from 'node:net';
import koffi from 'koffi';
import { MeterError } from '../errors.ts';

/** SOL_SOCKET and SO_PEERCRED of Linux's <asm-generic/socket.h>; `struct ucred` holds three 32-bit numbers. */
const socketLevel = 1;
const peerCredentials = 17;
const credentialsBytes = 12;

type GetSockOpt = (
  descriptor: number,
  level: number,
  name: number,
  value: Uint32Array,
  length: Uint32Array
) => number;
let getSockOpt: GetSockOpt | undefined;

/**
 * The user at the other end of a unix socket, as the kernel noted it when the connection was made: nobody can claim to be another.
 * @returns The system's number of the user.
 * @throws MeterError `daemon/no-peer` where the system does not tell: no Linux, or the connection is gone.
 * @see unix(7), SO_PEERCRED
 */
export function peerUser(socket: Socket): number {
  const { fd = -1 } = (socket as unknown as { _handle?: { fd?: number } })._handle ?? {};
  const credentials = new Uint32Array(credentialsBytes / 4);
  const length = Uint32Array.of(credentialsBytes);
  getSockOpt ??= koffi
    .load(null)
    .func('getsockopt', 'int', ['int', 'int', 'int', 'void *', 'void *']) as GetSockOpt;
  const isKnown = process.platform === 'linux' && fd >= 0;
  if (isKnown && getSockOpt(fd, socketLevel, peerCredentials, credentials, length) === 0) {
    return credentials[1]!;
  }
  throw new MeterError(
    'daemon/no-peer',
    `expected a unix socket of Linux whose other end is known, got descriptor ${fd} on ${process.platform}`
  );
}
