// Prints the syntax trees of templates as one JSON object, by path:
//
//   node tree.mjs FILE...
//
// A node is {t: its kind, f: its field in the parent, at: [line, column], from:
// and to: its place in the text, c: its children that have a name}. "missing"
// and "ERROR" are kinds too: the grammar's own words for what it could not read.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Language, Parser } from 'web-tree-sitter';

const resolve = createRequire(import.meta.url).resolve;
await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(resolve('tree-sitter-bicep/tree-sitter-bicep.wasm')));

function shape(cursor) {
  const node = cursor.currentNode;
  const out = {
    t: node.isMissing ? 'missing' : node.type,
    at: [node.startPosition.row + 1, node.startPosition.column + 1],
    from: node.startIndex,
    to: node.endIndex,
  };
  if (cursor.currentFieldName) out.f = cursor.currentFieldName;
  if (cursor.gotoFirstChild()) {
    out.c = [];
    do {
      const child = cursor.currentNode;
      if (child.isNamed || child.isMissing || child.isError) out.c.push(shape(cursor));
    } while (cursor.gotoNextSibling());
    cursor.gotoParent();
  }
  return out;
}

const trees = {};
for (const path of process.argv.slice(2)) {
  const text = readFileSync(path, 'utf8');
  trees[path] = { text, root: shape(parser.parse(text).walk()) };
}
process.stdout.write(JSON.stringify(trees));
