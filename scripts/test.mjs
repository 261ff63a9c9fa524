// Everything that must hold, from a fresh clone: `npm test`, or some suites by name: `npm test -- unit e2e`.
import { prepare } from './steps/prepare.mjs';
import { main, SetupError } from './steps/progress.mjs';
import { suites } from './steps/suites.mjs';

await main(async named => {
  const unknown = named.filter(name => !(name in suites));
  if (unknown.length > 0) {
    throw new SetupError(
      `no suite ${unknown.join(', ')}; there are ${Object.keys(suites).join(', ')}`
    );
  }
  await prepare({ everything: true });
  const total = { passed: 0, failed: 0 };
  for (const name of named.length > 0 ? named : Object.keys(suites)) {
    console.log(`\n── ${name}`);
    const started = Date.now();
    const { passed, failed } = await suites[name]();
    console.log(
      `── ${name}: ${passed} passed, ${failed} failed, ${Math.round((Date.now() - started) / 1000)} s`
    );
    total.passed += passed;
    total.failed += failed;
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed > 0 ? 1 : 0;
});
