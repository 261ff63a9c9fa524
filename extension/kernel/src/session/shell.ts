import type { CheckerClient } from '../checker/client.ts';
import { makeReply, type Json, type Message } from '../wire/message.ts';
import { refusal } from '../wire/control.ts';
import type { Comms } from './comms.ts';
import type { History } from './history.ts';
import { codePointsOf, unitsOf } from './text-positions.ts';

/** What the questions that run no cell are answered from. */
export interface ShellParts {
  checker: CheckerClient;
  comms: Comms;
  history: () => History | undefined;
  info: Json;
  connect: Json;
}

const text = (content: Json, field: string): string => {
  const value = content[field];
  if (typeof value !== 'string') {
    throw new TypeError(`expected a string in ${field}, got ${JSON.stringify(value)}`);
  }
  return value;
};

/**
 * Answers a request that runs no cell.
 * @returns The content of the reply; `undefined` for messages that have none.
 * @throws TypeError for a request without a field it needs.
 */
export async function answerShell(request: Message, parts: ShellParts): Promise<Json | undefined> {
  const { content } = request;
  switch (request.header.msg_type) {
    case 'kernel_info_request':
      return parts.info;
    case 'connect_request':
      return parts.connect;
    case 'is_complete_request':
      return { ...(await parts.checker.ask('isComplete', text(content, 'code'))) };
    case 'complete_request':
      return complete(content, parts.checker);
    case 'inspect_request':
      return inspect(content, parts.checker);
    case 'history_request':
      return { status: 'ok', history: parts.history()?.answer(content) ?? [] };
    case 'comm_info_request':
      return parts.comms.info(content.target_name);
    case 'comm_open':
    case 'comm_msg':
    case 'comm_close':
      parts.comms.receive(request);
      return undefined;
    default:
      return request.header.msg_type.endsWith('_request')
        ? refusal(request.header.msg_type)
        : undefined;
  }
}

async function complete(content: Json, checker: CheckerClient): Promise<Json> {
  const code = text(content, 'code');
  const { start, end, matches } = await checker.ask('complete', code, cursor(content, code));
  const from = codePointsOf(code, start);
  const to = codePointsOf(code, end);
  return {
    status: 'ok',
    matches: matches.map(match => match.text),
    cursor_start: from,
    cursor_end: to,
    metadata: {
      _jupyter_types_experimental: matches.map(match => ({ start: from, end: to, ...match }))
    }
  };
}

async function inspect(content: Json, checker: CheckerClient): Promise<Json> {
  const code = text(content, 'code');
  const found = await checker.ask('inspect', code, cursor(content, code));
  if (!found) return { status: 'ok', found: false, data: {}, metadata: {} };
  const { signature, documentation } = found;
  const data = {
    'text/plain': [signature, documentation].filter(part => part !== '').join('\n\n'),
    'text/markdown': `\`\`\`typescript\n${signature}\n\`\`\`\n\n${documentation}`
  };
  return { status: 'ok', found: true, data, metadata: {} };
}

function cursor(content: Json, code: string): number {
  return typeof content.cursor_pos === 'number' ? unitsOf(code, content.cursor_pos) : code.length;
}

/** The reply to a request that could not be read. */
export function malformedReply(request: Message, error: unknown): Message {
  const type = request.header.msg_type.replace(/_request$/, '_reply');
  return makeReply(request, type, {
    status: 'error',
    ename: error instanceof Error ? error.name : 'Error',
    evalue: error instanceof Error ? error.message : String(error),
    traceback: []
  });
}
