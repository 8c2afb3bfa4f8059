/** The table as it is sorted and selected, as text. */

const orderedRows = () => facets(shownRows()).flatMap((facet) => sorted(facet.rows));

function csvField(value) {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text;
}

/** All digits that the page has: means, deviations, n, and differences to the baseline with interval and p. */
function tableCsv() {
  const columns = shownColumns(), baseline = chosenBaseline();
  const head = [
    "method",
    ...columns.flatMap(
        ({name}) =>
            [`${name}_mean`, `${name}_std`, `${name}_n`,
             ...(baseline ? ["difference", "low", "high", "p"].map((part) => `${name}_${part}`) : [])])
  ];
  const lines = orderedRows().map(
      (row) => [row.label, ...columns.flatMap((column) => {
        const entry = entryOf(row, column), difference = differenceOf(baseline, row, column) ?? ["", "", "", ""];
        return [entry?.mean, entry?.sd, entry?.n ?? 0, ...(baseline ? difference : [])];
      })]);
  return [head, ...lines].map((line) => line.map(csvField).join(",")).join("\n") + "\n";
}

function latexEntry(row, column, baseline) {
  const entry = entryOf(row, column), difference = differenceOf(baseline, row, column);
  if (!entry) return "--";
  if (state.mode === "differences") {
    return difference ? `$${signed(difference[0], column.decimals)}$ {\\scriptsize $[${
                            fixed(difference[1], column.decimals)}, ${fixed(difference[2], column.decimals)}]$}`
                            .replaceAll("−", "-") :
                        "--";
  }
  const text = fixed(entry.mean, column.decimals) + (entry.n > 1 ? ` \\pm ${fixed(entry.sd, column.decimals)}` : "");
  const marks = (entry.near ? "\\dagger" : "") + (difference && difference[3] > D.table.level ? "\\circ" : "");
  return `$${entry.best ? `\\mathbf{${text}}` : text}${marks && `^{${marks}}`}$`.replaceAll("−", "-");
}

/** A booktabs tabular. */
function tableLatex() {
  const columns = shownColumns(), baseline = chosenBaseline();
  const arrow = (name) => ({higher: " $\\uparrow$", lower: " $\\downarrow$"}[metricInfo(name).better] ?? "");
  const lines = orderedRows().map(
      (row) => [row.latex, ...columns.map((column) => latexEntry(row, column, baseline))].join(" & "));
  return `\\begin{tabular}{l${"r".repeat(columns.length)}}\n\\toprule\n` +
      `method${columns.map((column) => ` & ${column.latex}${arrow(column.name)}`).join("")} \\\\\n\\midrule\n` +
      lines.map((line) => `${line} \\\\\n`).join("") + "\\bottomrule\n\\end{tabular}\n";
}
