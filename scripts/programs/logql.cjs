// Parses each query of the JSON list on stdin as LogQL, with Grafana's own grammar; says which are
// wrong, and ends with 1 if any is. Run in the folder that holds node_modules.

const { createRequire } = require("node:module");
const { parser } = createRequire(`${process.cwd()}/`)("@grafana/lezer-logql");

let wrong = 0;
for (const query of JSON.parse(require("node:fs").readFileSync(0, "utf8"))) {
  const tree = parser.parse(query);
  let at = -1;
  tree.iterate({ enter: (node) => { if (node.type.isError && at < 0) at = node.from; } });
  if (at >= 0) {
    wrong += 1;
    console.log(`at ${at}: ${query}`);
  }
}
process.exit(wrong ? 1 : 0);
