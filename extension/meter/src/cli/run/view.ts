import type { Output } from '../context.ts';
import { formatEnergy, formatSeconds } from '../format.ts';
import { oneLine } from '../table.ts';
import { secondsOf, type RunCell, type RunReport } from './report.ts';

const barWidth = 20;
const refreshMs = 200;

/**
 * Shows a run: a line for each cell that has ended, in order; on a terminal below them a bar and the
 * running cell, which are drawn anew as they change.
 */
export class RunView {
  readonly #output: Output;
  readonly #report: RunReport;
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #printed = 0;
  #live = false;

  constructor(output: Output, report: RunReport) {
    this.#output = output;
    this.#report = report;
    if (output.isTerminal) this.#timer = setInterval(() => this.#drawLive(), refreshMs);
  }

  /** Prints the cells that have ended since, up to the first that has not. */
  update(): void {
    for (;;) {
      const cell = this.#report.cells[this.#printed];
      if (cell?.execution == null || cell.execution.status === 'running') break;
      this.#print(cell);
    }
    if (this.#timer !== undefined) this.#drawLive();
  }

  /** Prints what is left, whether the meter told its energy or not, and stops drawing. */
  end(): void {
    clearInterval(this.#timer);
    for (const cell of this.#report.cells.slice(this.#printed)) this.#print(cell);
    this.#clearLive();
  }

  #print(cell: RunCell): void {
    this.#printed++;
    this.#clearLive();
    this.#output.line(this.#lineOf(cell));
  }

  #lineOf(cell: RunCell): string {
    const { execution, source } = cell;
    const status = statusOf(cell);
    const count = `${this.#printed}/${this.#report.planned}`.padStart(7);
    const state = this.#output.style(status === 'ok' ? 'green' : 'red', status.padEnd(5));
    const seconds = secondsOf(execution);
    const time = (seconds === null ? '' : formatSeconds(seconds)).padStart(9);
    const energy = formatEnergy(this.#report.energyOf(cell));
    return `${count}  ${state} ${time}  ${energy.padEnd(20)}  ${this.#output.style('dim', headOf(source))}`;
  }

  #drawLive(): void {
    const { planned, cells, total } = this.#report;
    const done = cells.filter(({ status }) => status !== null).length;
    const filled = planned === 0 ? 0 : Math.round((barWidth * done) / planned);
    const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
    const time = formatSeconds((performance.now() - this.#startedAt) / 1000);
    const energy = total.kind === 'missing' ? '' : `, ${formatEnergy(total)} so far`;
    const running = cells.find(({ status }) => status === null);
    const head = running === undefined ? '' : `  ${headOf(running.source)}`;
    const line = `${bar} ${done}/${planned}  ${time}${energy}${head}`;
    this.#clearLive();
    this.#output.write(line.slice(0, this.#output.columns - 1));
    this.#live = true;
  }

  #clearLive(): void {
    if (this.#live) this.#output.write('\r\u001b[K');
    this.#live = false;
  }
}

/** How a cell ended: as the meter told it, else as the kernel replied. */
function statusOf({ execution, status }: RunCell): string {
  const told = execution?.status ?? 'running';
  return told === 'running' ? (status ?? 'lost') : told;
}

/** The first line of a cell that says something. */
function headOf(source: string): string {
  const line = source.split('\n').find(each => each.trim() !== '') ?? '';
  return oneLine(line).slice(0, 40);
}
