// Hands our manifest to Impact Framework's own runner and keeps the score that it computes.
// npm install --no-save @grnsft/if@1.1.0, then: node test/reference/impact/impact-framework.mjs
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const fixtures = new URL('../../../extension/meter/src/cli/formats/fixtures/', import.meta.url);
const manifest = fileURLToPath(new URL('impact-framework.yaml', fixtures));
const answer = execFileSync('npx', ['--no-install', 'if-run', '--manifest', manifest], {
  encoding: 'utf8'
});
const outputs = answer.slice(answer.indexOf('outputs:'));
const number = name => Number(new RegExp(`^ +${name}: (.*)$`, 'm').exec(outputs)?.[1]);
const [carbon, sci] = [number('carbon'), number('sci')];
if (!(carbon > 0 && sci > 0)) throw new Error(answer);
const text = JSON.stringify({ version: '1.1.0', carbon, sci }, null, 2);
writeFileSync(new URL('impact-framework.json', fixtures), `${text}\n`);
