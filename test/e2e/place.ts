import { availableParallelism } from 'node:os';

const first = Number(process.env.JOULEBOOK_E2E_PORT ?? 18_899);
/** Ports of the JupyterLabs under test: one for each process that runs tests, with a meter of its own. */
export const ports = availableParallelism() > 1 ? [first, first + 2] : [first];
/** The port of this process's. */
export const port = ports[Number(process.env.TEST_PARALLEL_INDEX ?? 0)] ?? first;
/** Its token: the tests log in as a user does. */
export const token = 'of-the-browser-tests';
/** The port of the one that stands beside other extensions. */
export const besidePort = first + 1;
