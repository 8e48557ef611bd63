// Reads every diagram of the documents it is given and fails if one cannot be
// drawn: node check.mjs FILE...
import { readFileSync } from 'node:fs';
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('');
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import('mermaid');

let drawn = 0;
let failed = 0;
for (const path of process.argv.slice(2)) {
  for (const [, text] of readFileSync(path, 'utf8').matchAll(/^```mermaid\n([\s\S]*?)^```$/gm)) {
    try {
      await mermaid.parse(text);
      drawn++;
    } catch (error) {
      failed++;
      console.error(`${path}: ${error.message}`);
    }
  }
}
console.log(`${drawn} diagrams`);
process.exit(failed > 0 || drawn === 0 ? 1 : 0);
