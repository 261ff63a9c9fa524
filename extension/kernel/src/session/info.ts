import { protocolVersion, type Json } from '../wire/message.ts';
import { hardware } from './hardware.ts';
import { nodeLimits } from '../node-limits.ts';

/** The version of the kernel. */
export const kernelVersion = '0.1.0';
/** The compiler's version; it is pinned. */
export const typescriptVersion = '6.0.3';

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
  return [
    `TypeScript (GPU) ${kernelVersion}: TypeScript ${typescriptVersion} on Node ${process.versions.node}`,
    `Runs on ${hardware()}`,
    ...nodeLimits()
  ].join('\n');
}
