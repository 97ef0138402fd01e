// Runs axe; its findings as lines of text.
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const line = (finding) => (node) =>
    `${finding.id}: ${finding.help}: ${node.target.join(" ")}: ${node.failureSummary}`;
axe.run(document, { runOnly: rules, resultTypes: ["violations"] }).then(
    ({ violations }) => done(violations.flatMap((finding) => finding.nodes.map(line(finding)))),
    (error) => done([`axe failed: ${error}`]),
);
