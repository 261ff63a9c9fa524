// What the scripts print while they work: one line a step, with its time, and errors that name the way out.
const colours = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);

/** A failure whose message is all that a newcomer needs: no stack is shown. */
export class SetupError extends Error {}

/** Runs `work` under a line that says what goes on and, at the end, how long it took since `started`. */
export async function step(label, work, started = Date.now()) {
  const ticker = process.stdout.isTTY
    ? setInterval(() => {
        process.stdout.write(`\r${paint(36, '…')} ${label} ${seconds(started)}`);
      }, 500)
    : null;
  if (!ticker) {
    console.log(`… ${label}`);
  }
  try {
    const result = await work();
    finish(ticker, `${paint(32, '✓')} ${label} ${paint(2, seconds(started))}`);
    return result;
  } catch (error) {
    finish(ticker, `${paint(31, '✗')} ${label} ${paint(2, seconds(started))}`);
    throw error;
  }
}

function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}

function finish(ticker, line) {
  if (ticker) {
    clearInterval(ticker);
    process.stdout.write('\r\u001b[2K');
  }
  console.log(line);
}

/** Runs a script's main function; a SetupError is printed without its stack. */
export async function main(run) {
  try {
    process.exitCode = (await run(process.argv.slice(2))) ?? 0;
  } catch (error) {
    console.error(error instanceof SetupError ? `\n${error.message}\n` : error);
    process.exitCode = 1;
  }
}
