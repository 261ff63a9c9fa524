// The API reference of kernel-helpers as Markdown pages, from its declarations and their doc comments.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './places.mjs';
import { SetupError } from './progress.mjs';

const library = join(root, 'kernel-helpers');

/**
 * Writes a page for each entry of the library, and an index.
 * @param folder made anew
 * @returns how many exports are described
 */
export function writeApi(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { exports } = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8'));
  const entries = Object.entries(exports)
    .filter(([, target]) => target.types)
    .map(([name, target]) => ({
      name: name.replace('.', 'kernel-helpers'),
      page: name === '.' ? 'kernel-helpers' : name.slice(2).replaceAll('/', '-'),
      file: join(library, target.types.replace('./lib/', 'src/').replace('.d.ts', '.ts'))
    }));
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    { noEmit: true, strict: true, module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022 }
  );
  const checker = program.getTypeChecker();
  let count = 0;
  const rows = [];
  for (const { name, page, file } of entries) {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) throw new SetupError(`kernel-helpers names ${file}, which has no exports`);
    const parts = checker
      .getExportsOfModule(module)
      .map(symbol => describe(checker, symbol))
      .filter(Boolean)
      .sort((a, b) => a.title.localeCompare(b.title));
    count += parts.length;
    const intro = moduleComment(source);
    writeFileSync(
      join(folder, `${page}.md`),
      `# ${name}\n\n${intro}\n\n${parts.map(({ text }) => text).join('\n')}`
    );
    rows.push(`| [${name}](${page}.md) | ${firstSentence(intro)} | ${parts.length} |`);
  }
  const head = '# API reference\n\n| Import | What for | Exports |\n| --- | --- | --- |';
  writeFileSync(join(folder, 'index.md'), `${head}\n${rows.join('\n')}\n`);
  return count;
}

/** One export: its heading, declaration, comment and tags. */
function describe(checker, exported) {
  const symbol =
    exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const [declaration] = symbol.declarations ?? [];
  if (!declaration || symbol.flags & ts.SymbolFlags.ValueModule) return undefined;
  const comment = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  const tags = symbol.getJsDocTags(checker).map(({ name, text }) => ({
    name,
    text: ts.displayPartsToString(text)
  }));
  const title = exported.name;
  const parts = [`## ${title}`, fence(signature(checker, title, symbol, declaration)), comment];
  const parameters = tags.filter(({ name }) => name === 'param');
  if (parameters.length > 0) {
    parts.push(
      parameters.map(({ text }) => `- \`${text.replace(/^(\S+)\s*/, '$1`: ')}`).join('\n')
    );
  }
  for (const [tag, label] of labels) {
    for (const { text } of tags.filter(({ name }) => name === tag)) parts.push(`${label} ${text}`);
  }
  for (const { text } of tags.filter(({ name }) => name === 'example')) parts.push(fence(text));
  parts.push(members(checker, declaration));
  return { title, text: `${parts.filter(Boolean).join('\n\n')}\n` };
}

const labels = [
  ['returns', '**Returns:**'],
  ['throws', '**Throws:**'],
  ['see', '**See:**']
];

const fence = code => `\`\`\`typescript\n${code.trim()}\n\`\`\``;

function signature(checker, name, symbol, declaration) {
  if (ts.isFunctionDeclaration(declaration)) {
    const [call] = checker.getTypeOfSymbol(symbol).getCallSignatures();
    const flags =
      ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;
    return `${name}${checker.signatureToString(call, undefined, flags)}`;
  }
  if (ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration)) {
    const heritage =
      declaration.heritageClauses?.map(clause => ` ${clause.getText()}`).join('') ?? '';
    return `${ts.isClassDeclaration(declaration) ? 'class' : 'interface'} ${name}${heritage}`;
  }
  if (ts.isTypeAliasDeclaration(declaration)) return `type ${name} = ${declaration.type.getText()}`;
  return `const ${name}: ${checker.typeToString(checker.getTypeOfSymbol(symbol))}`;
}

/** The documented members of an interface or class. */
function members(checker, declaration) {
  if (!ts.isInterfaceDeclaration(declaration) && !ts.isClassDeclaration(declaration)) return '';
  const rows = declaration.members.flatMap(member => {
    const symbol = member.name && checker.getSymbolAtLocation(member.name);
    if (!symbol || ts.isPrivateIdentifier(member.name)) return [];
    const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
    const preset = symbol.getJsDocTags(checker).find(({ name }) => name === 'default');
    const given = preset ? ` Default: ${ts.displayPartsToString(preset.text)}.` : '';
    const type = checker.typeToString(checker.getTypeOfSymbol(symbol));
    return [`- \`${symbol.name}: ${type.replaceAll('`', "'")}\` ${text}${given}`];
  });
  return rows.join('\n');
}

function firstSentence(text) {
  return text.replaceAll(/\s+/g, ' ').split(/(?<=\.) /)[0];
}

/** What the comment with `@module` at the top of a file says. */
function moduleComment(source) {
  const found = /\/\*\*([^]*?)\*\//.exec(source.text.slice(0, 2000));
  if (!found?.[1].includes('@module')) return '';
  return found[1]
    .replace(/^\s*\* ?/gm, '')
    .replace('@module', '')
    .trim();
}
