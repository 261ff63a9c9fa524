import type { CheckerClient } from '../checker/client.ts';
import type { Json } from '../wire/message.ts';

/**
 * What a console shows in its pager for a cell such as `Math.hypot?`.
 * @returns The reply's payload; `undefined` when the cell asks for nothing of the kind.
 */
export async function pagerPayload(
  code: string,
  checker: CheckerClient
): Promise<Json[] | undefined> {
  const name = /^\s*([\w$.]+)\?\s*$/.exec(code)?.[1];
  if (name === undefined) return undefined;
  const found = await checker.ask('inspect', name, name.length);
  const text = found
    ? [found.signature, found.documentation].filter(part => part !== '').join('\n\n')
    : `nothing is known of ${name}`;
  return [{ source: 'page', data: { 'text/plain': text }, start: 0 }];
}
