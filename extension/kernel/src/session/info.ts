import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { protocolVersion, type Json } from '../wire/message.ts';

/** The version of the kernel. */
export const kernelVersion = '0.1.0';
/** The compiler's version; it is pinned. */
export const typescriptVersion = '6.0.3';

/** The oldest Node on which all of the kernel works. */
const fullNode = 22;

/** The content of `kernel_info_reply`. */
export function kernelInfo(): Json {
  return {
    status: 'ok',
    protocol_version: protocolVersion,
    implementation: 'joulebook-typescript',
    implementation_version: kernelVersion,
    language_info: {
      name: 'typescript',
      version: typescriptVersion,
      mimetype: 'text/typescript',
      file_extension: '.ts',
      pygments_lexer: 'typescript',
      codemirror_mode: { name: 'javascript', typescript: true },
      nbconvert_exporter: 'script'
    },
    banner: banner(),
    debugger: false,
    supported_features: [],
    help_links: [
      { text: 'TypeScript', url: 'https://www.typescriptlang.org/docs/' },
      { text: 'TensorFlow.js', url: 'https://js.tensorflow.org/api/latest/' },
      { text: 'Node.js', url: 'https://nodejs.org/docs/latest-v24.x/api/' },
      { text: 'plotly.js', url: 'https://plotly.com/javascript/' }
    ]
  };
}

function banner(): string {
  const lines = [
    `TypeScript (GPU) ${kernelVersion}: TypeScript ${typescriptVersion} on Node ${process.versions.node}`,
    `Runs on ${hardware()}`
  ];
  if (Number(process.versions.node.split('.')[0]) < fullNode) {
    lines.push(
      `Node ${process.versions.node} has no loader hooks: importing local .ts files needs Node ${fullNode} or newer`
    );
  }
  return lines.join('\n');
}

/** The GPU's model, or the processor's and why there is no GPU. */
export function hardware(): string {
  const gpus = nvidiaModels();
  if (gpus.length > 0) return gpus.join(', ');
  return `${cpus()[0]?.model.trim() ?? 'an unknown CPU'} (no NVIDIA driver is loaded)`;
}

function nvidiaModels(): string[] {
  const folder = '/proc/driver/nvidia/gpus';
  try {
    return readdirSync(folder).map(gpu => {
      const text = readFileSync(`${folder}/${gpu}/information`, 'utf8');
      return /Model:\s*(.+)/.exec(text)?.[1]?.trim() ?? 'an NVIDIA GPU';
    });
  } catch {
    return [];
  }
}
