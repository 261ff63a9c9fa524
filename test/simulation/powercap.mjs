// A powercap tree in plain files whose truth is known: each zone's counter grows at a constant power, 1,000 times a second.
// Usage: node powercap.mjs FOLDER [ZONE=WATTS ...]   for example: package-0=100 dram=10
import { closeSync, mkdirSync, readdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';

const rangeMicrojoules = 262_143_328_850;
const [folder, ...zones] = process.argv.slice(2);
if (!folder || zones.length === 0) {
  console.error('usage: node powercap.mjs FOLDER ZONE=WATTS ...');
  process.exit(2);
}

// A real counter never waits for a processor: take precedence where that is allowed.
if (process.getuid?.() === 0) {
  readdirSync('/proc/self/task').forEach(thread => setPriority(Number(thread), -20));
}

const started = process.hrtime.bigint();
const counters = zones.map((zone, index) => {
  const [name, watts] = zone.split('=');
  const id = index === 0 ? 'intel-rapl:0' : `intel-rapl:0:${index - 1}`;
  const path = join(folder, 'class/powercap', id);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'name'), `${name}\n`);
  writeFileSync(join(path, 'enabled'), '1\n');
  writeFileSync(join(path, 'max_energy_range_uj'), `${rangeMicrojoules}\n`);
  // Half a minute before the register wraps, so that every run of the tests crosses a wrap.
  const start = rangeMicrojoules - Number(watts) * 30e6;
  return { file: openSync(join(path, 'energy_uj'), 'w'), watts: Number(watts), start };
});

function update() {
  // Real counters move in steps of about a millisecond.
  const seconds = Math.floor(Number(process.hrtime.bigint() - started) / 1e6) / 1e3;
  for (const { file, watts, start } of counters) {
    const value = Math.floor(start + watts * seconds * 1e6) % rangeMicrojoules;
    writeSync(file, `${String(value).padStart(12, '0')}\n`, 0);
  }
}

update();
console.log('ready');
process.on('SIGTERM', () => {
  counters.forEach(({ file }) => closeSync(file));
  process.exit(0);
});
const pause = new Int32Array(new SharedArrayBuffer(4));
setInterval(() => {
  // A few rounds between two looks at the event loop keep the pace near 1 kHz.
  for (let round = 0; round < 5; round++) {
    update();
    Atomics.wait(pause, 0, 0, 1);
  }
}, 0);
