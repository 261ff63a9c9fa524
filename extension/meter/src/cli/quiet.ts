// Imported first by main.ts: what node:sqlite says of itself on every start is no news to users.
// Everything else is printed as Node would.
process.removeAllListeners('warning');
process.on('warning', warning => {
  if (warning.name === 'ExperimentalWarning' && warning.message.startsWith('SQLite')) return;
  process.stderr.write(`(node:${process.pid}) ${warning.name}: ${warning.message}\n`);
});
