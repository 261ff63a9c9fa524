import type * as Http from 'node:http';

/**
 * Node's HTTP module. An `import` of it reads all its exports, `WebSocket` among them, and with that
 * loads a client that nobody here uses: 14 MiB.
 */
export const http: typeof Http = process.getBuiltinModule('node:http');
