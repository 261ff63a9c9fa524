/** The port of the JupyterLab under test. */
export const port = Number(process.env.JOULEBOOK_E2E_PORT ?? 18_899);
/** Its token: the tests log in as a user does. */
export const token = 'of-the-browser-tests';
/** The port of the one that stands beside other extensions. */
export const besidePort = port + 1;
