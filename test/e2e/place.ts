/** Each of Playwright's workers has a JupyterLab of its own, and a second one for what is tested beside it. */
const worker = Number(process.env.TEST_PARALLEL_INDEX ?? 0);

/** The port of the JupyterLab under test. */
export const port = Number(process.env.JOULEBOOK_E2E_PORT ?? 18_899) + 2 * worker;
/** Its token: the tests log in as a user does. */
export const token = 'of-the-browser-tests';
/** The port of the one that stands beside other extensions. */
export const besidePort = port + 1;
/** Where the tests find JupyterLab. */
export const origin = `http://127.0.0.1:${port}`;
