import type { Connection } from './connection.ts';
import { makeBroadcast, makeReply, type Json, type Message } from './message.ts';

/**
 * Answers a request on the control channel: at once, whatever the running cell does.
 * @param info The content of `kernel_info_reply`.
 * @returns The messages to send; a request of an unknown type gets an error reply.
 */
export function answerControl(request: Message, info: Json, connection: Connection): Message[] {
  const type = request.header.msg_type;
  const reply = (content: Json): Message =>
    makeReply(request, type.replace(/_request$/, '_reply'), content);
  switch (type) {
    case 'interrupt_request':
      return [reply({ status: 'ok' })];
    case 'shutdown_request': {
      const content = { status: 'ok', restart: request.content.restart === true };
      return [reply(content), makeBroadcast(request.header, 'shutdown_reply', content)];
    }
    case 'kernel_info_request':
      return [reply(info)];
    case 'connect_request':
      return [reply(connectContent(connection))];
    default:
      return [reply(refusal(type))];
  }
}

/** The content of `connect_reply`: the ports of the channels. */
export function connectContent(connection: Connection): Json {
  const ports = Object.entries(connection.ports).map(([channel, port]) => [
    `${channel}_port`,
    port
  ]);
  return { status: 'ok', ...(Object.fromEntries(ports) as Json) };
}

/**
 * The content of the reply to a request that this kernel does not serve, such as subshells or debugging.
 */
export function refusal(type: string): Json {
  const hint = type.includes('subshell')
    ? 'this kernel has no subshells: it runs one request after the other (see supported_features of kernel_info_reply)'
    : `this kernel does not serve ${type}`;
  return { status: 'error', ename: 'NotSupported', evalue: hint, traceback: [] };
}
