/** One cell: its configuration against the baseline's, what it took, where it ran, its numbers. */

const valueText = (value) => value === undefined ? "–" : typeof value === "number" ? short(value) : String(value);

/** The baseline's cell of the same seed, or its first. */
function counterpart(cell) {
  const baseline = chosenBaseline() ?? (D.table.declared === null ? null : {row: D.table.declared});
  if (!baseline || baseline.row === cell.row) return null;
  const row = ROWS[baseline.row];
  return row.all.find((each) => each.seed === cell.seed) ?? row.all[0] ?? null;
}

function optionTable(cell, names, other) {
  return h(
      "table.pairs", {},
      h("thead", {},
        h("tr", {}, h("th", {scope: "col"}, "option"), h("th", {scope: "col"}, "this cell"),
          other && h("th", {scope: "col"}, ROWS[other.row].label))),
      h("tbody", {},
        names.map(
            (name) =>
                h("tr", {}, h("th", {scope: "row"}, name),
                  h("td", {}, valueText(columnValue(D.cells.options, name, cell.index))),
                  other && h("td", {}, valueText(columnValue(D.cells.options, name, other.index)))))));
}

function configuration(cell) {
  const other = counterpart(cell), names = Object.keys(D.cells.options);
  const value = (name, of) => JSON.stringify(columnValue(D.cells.options, name, of.index));
  const differing = other ? names.filter((name) => value(name, cell) !== value(name, other)) : [];
  const own = names.filter((name) => columnValue(D.cells.options, name, cell.index) !== undefined);
  return [
    h("h3", {}, other ? `Configuration against ${ROWS[other.row].label}` : "Configuration"),
    other && (differing.length > 0 ? optionTable(cell, differing, other) : h("p", {}, "No option differs.")),
    h("details", {open: !other}, h("summary", {}, `All ${own.length} options`), optionTable(cell, own, null))
  ];
}

/** The columns' values of a cell as a list, under a heading; nothing where it has none. */
function facts(title, columns, cell) {
  const known = Object.keys(columns)
                    .map((name) => [name, columnValue(columns, name, cell.index)])
                    .filter(([, value]) => value !== undefined);
  if (known.length === 0) return [];
  return [
    h("h3", {}, title),
    h("dl.list", {},
      known.flatMap(([name, value]) => [h("dt", {}, name.replace(/_/g, " ")), h("dd", {}, valueText(value))]))
  ];
}

function finalNumbers(cell) {
  const splits = Object.entries(D.cells.finals).filter(([split]) => split !== "cost");
  const names = [...new Set(splits.flatMap(([, metrics]) => Object.keys(metrics)))].filter(
      (name) => splits.some(([, metrics]) => (metrics[name]?.[cell.index] ?? null) !== null));
  if (names.length === 0) return [];
  return [
    h("h3", {}, "At the end of training"),
    h("table.pairs", {},
      h("thead", {},
        h("tr", {}, h("th", {scope: "col"}, "metric"), splits.map(([split]) => h("th", {scope: "col"}, split)))),
      h("tbody", {},
        names.map(
            (name) =>
                h("tr", {}, h("th", {scope: "row", title: metricTitle(name)}, name),
                  splits.map(([, metrics]) => h("td", {}, short(metrics[name]?.[cell.index])))))))
  ];
}

function drawerContent(cell) {
  const row = ROWS[cell.row], failure = D.study.failures.find(({id}) => id === cell.id);
  const cost = Object.fromEntries(
      Object.entries(D.cells.finals.cost ?? {})
          .map(([name, values]) => [name, {values, of: values.map((value, i) => value === null ? -1 : i)}]));
  return [
    h("div.head", {}, h("h2", {id: "drawer-title"}, swatch(row), row.label),
      h("button", {type: "button", onclick: () => byId("drawer").close()}, "Close")),
    row.all.length > 1 &&
        choice("Seed", row.all.map((each) => [each.id, `seed ${each.seed}`]), cell.id, (id) => set({cell: id})),
    h("p", {}, h(`span.state.${cell.state === "done" ? "done" : "bad"}`, {}, cell.state), ` seed ${cell.seed}, `,
      h("code", {}, cell.id), cell.tags.length > 0 && `, tagged ${cell.tags.join(", ")}`,
      failure?.reason && ` ${failure.reason}`),
    ...configuration(cell), ...facts("What it took", cost, cell), ...finalNumbers(cell),
    ...facts("What was found", D.cells.facts, cell), ...facts("Where it ran", D.cells.provenance, cell)
  ].filter(Boolean);
}

function drawDrawer() {
  const drawer = byId("drawer");
  drawer.addEventListener("close", () => set({cell: ""}));
  drawer.addEventListener("click", (event) => event.target === drawer && drawer.close());
  watch(["cell", "base"], () => {
    const cell = CELLS.find(({id}) => id === state.cell);
    if (!cell) return drawer.open && drawer.close();
    redraw(drawer, ...drawerContent(cell));
    if (!drawer.open) drawer.showModal();
  });
}
