/** The order of the stages: what each folder may not import. The way of the data is kernels → sensors → ledger → store → api. */
const stages = ['kernels', 'sensors', 'ledger', 'store', 'api', 'cli'];

const laterStages = stages.slice(0, -1).map((stage, index) => ({
  name: `${stage}-before-${stages[index + 1]}`,
  comment: `${stage} stands before ${stages.slice(index + 1).join(', ')} and must not know them`,
  severity: 'error',
  from: { path: `^extension/meter/src/${stage}/` },
  to: { path: `^extension/meter/src/(${stages.slice(index + 1).join('|')})/` }
}));

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }
    },
    {
      name: 'not-to-tests',
      severity: 'error',
      from: { pathNot: '\\.test\\.tsx?$' },
      to: { path: '\\.test\\.tsx?$' }
    },
    {
      name: 'packages-stand-alone',
      comment: 'extension/* and kernel-helpers meet over sockets and messages, not by imports',
      severity: 'error',
      from: { path: '^(extension/[^/]+|kernel-helpers)/src' },
      to: { path: '^(extension/[^/]+|kernel-helpers)/src', pathNot: '^$1/' }
    },
    ...laterStages
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(lib|node_modules|labextension|joulebook/runtime)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.node.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'] }
  }
};
