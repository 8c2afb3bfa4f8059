/** The table: means with the seeds below, or differences to the baseline with their intervals. */

const COLUMNS = D.table.columns.map((column, index) => ({...column, index}));
const STRIP = {
  width: 84,
  height: 12
};

/** Those chosen, else those of the study's own table. */
function shownColumns() {
  const names = state.columns === "" ? D.table.shown : listed(state.columns);
  return names.map((name) => COLUMNS.find((column) => column.name === name)).filter(Boolean);
}

const entryOf = (row, column) => D.table.entries[row.index][column.index];
const differenceOf = (baseline, row, column) => baseline ? baseline.differences[row.index][column.index] : null;

/** Rows in the order asked for; without values last. */
function sorted(rows) {
  const [name, direction] = state.sort.split(":");
  if (!name) return rows;
  if (name === "method")
    return [...rows].sort((a, b) => a.label.localeCompare(b.label) * (direction === "down" ? -1 : 1));
  const column = COLUMNS.find((each) => each.name === name);
  if (!column) return rows;
  const key = (row) => entryOf(row, column)?.mean ?? NaN;
  return [...rows].sort(
      (a, b) =>
          Number.isNaN(key(a)) - Number.isNaN(key(b)) || (direction === "down" ? key(b) - key(a) : key(a) - key(b)));
}

/** Ascending, descending, as in the grid; what is better first. */
function nextSort(name) {
  const first = metricInfo(name).better === "higher" ? "down" : "up", second = first === "up" ? "down" : "up";
  return state.sort === `${name}:${first}` ? `${name}:${second}` :
      state.sort === `${name}:${second}` ? "" :
                                           `${name}:${first}`;
}

function headCell(column) {
  const {long, units, better} = metricInfo(column.name);
  const [name, direction] = state.sort.split(":");
  const sortedBy = name === column.name;
  return h(
      "th",
      {scope: "col",
       "aria-sort": !sortedBy   ? "none" :
           direction === "down" ? "descending" :
                                  "ascending"},
      h("button.sort", {
        type: "button",
        title: `${long}${better ? `; ${better} is better` : ""}`,
        onclick: () => set({sort: nextSort(column.name)})
      },
        column.name,
        better && h("span.better", {"aria-label": `${better} is better`}, better === "higher" ? " ↑" : " ↓"),
        sortedBy && h("span.order", {"aria-hidden": "true"}, direction === "down" ? " ▾" : " ▴")),
      units && h("span.units", {}, units.replace(" per example", "")));
}

/** The seeds' values on the column's scale, a line at the baseline's mean. */
function seedStrip(row, column, scale, baseline) {
  const values = row.cells.map((cell) => finalValue(cell, column.name)).filter((value) => value !== null);
  const middle = baseline && entryOf(ROWS[baseline.row], column);
  return svg(
      "svg.strip", {width: STRIP.width, height: STRIP.height, "aria-hidden": "true"},
      svg("line.ground", {x1: 0, x2: STRIP.width, y1: 6, y2: 6}),
      middle && svg("line.base", {x1: scale(middle.mean), x2: scale(middle.mean), y1: 0, y2: 12}),
      values.map((value) => svg(`circle.mark.r${row.index}`, {cx: scale(value), cy: 6, r: 2.6})));
}

/** Difference and interval, a line at none. */
function intervalStrip(row, [mean, low, high], scale) {
  return svg(
      "svg.strip", {width: STRIP.width, height: STRIP.height, "aria-hidden": "true"},
      svg("line.base", {x1: scale(0), x2: scale(0), y1: 0, y2: 12}),
      svg(`line.mark.interval.r${row.index}`, {x1: scale(low), x2: scale(high), y1: 6, y2: 6}),
      svg(`circle.mark.r${row.index}`, {cx: scale(mean), cy: 6, r: 2.8}));
}

function marksOf(entry, difference) {
  const text = (entry.near ? "†" : "") + (difference && difference[3] > D.table.level ? "°" : "") +
      (entry.untested ? "‡" : "");
  return text && h("sup", {}, text);
}

function valueCell(row, column, scale, baseline) {
  const entry = entryOf(row, column), difference = differenceOf(baseline, row, column);
  if (!entry)
    return h(
        "td.none", {"data-row": row.index, "data-column": column.index, tabindex: "-1"},
        row.cells.length === 0 ? row.all.length > 0 ? "diverged" : "missing" : "–");
  const mean = fixed(entry.mean, column.decimals);
  return h(
      "td", {"data-row": row.index, "data-column": column.index, tabindex: "-1"},
      h("div.value", {}, entry.best ? h("strong", {}, mean) : mean,
        entry.n > 1 && h("span.spread", {}, ` ± ${fixed(entry.sd, column.decimals)}`), marksOf(entry, difference)),
      seedStrip(row, column, scale, baseline));
}

function differenceCell(row, column, scale, baseline) {
  const difference = differenceOf(baseline, row, column);
  const attributes = {"data-row": row.index, "data-column": column.index, tabindex: "-1"};
  if (baseline && row.index === baseline.row) return h("td.none", attributes, "baseline");
  if (!difference) return h("td.none", attributes, entryOf(row, column) ? "not compared" : "–");
  const found = difference[3] <= D.table.level;
  return h(
      `td${found ? ".found" : ""}`, attributes,
      h("div.value", {},
        found ? h("strong", {}, signed(difference[0], column.decimals)) : signed(difference[0], column.decimals),
        h("span.spread", {}, ` ${pText(difference[3])}`)),
      intervalStrip(row, difference, scale));
}

/** How a metric was estimated, [name, value] each, what matters most first. */
function estimation(attributes) {
  const first = ["estimator", "examples", "samples"], names = Object.keys(attributes);
  const order = [...first.filter((name) => names.includes(name)), ...names.filter((name) => !first.includes(name))];
  return order.map((name) => [name.replace(/_/g, " "), valueText(attributes[name])]);
}

/** What is known of one number: seeds, difference, interval, p, how it was estimated. */
function cellTip(row, column) {
  const entry = entryOf(row, column), baseline = chosenBaseline(), difference = differenceOf(baseline, row, column);
  const {kinds, of} = column.estimators;
  const seeds =
      row.cells.map((cell) => [cell.seed, finalValue(cell, column.name)]).filter(([, value]) => value !== null);
  return tipTable(`${row.label}: ${metricTitle(column.name)}`, [
    entry &&
        [
          "mean",
          `${short(entry.mean)}${entry.n > 1 ? ` ± ${short(entry.sd)} over n = ${entry.n} seeds` : ", one seed"}`
        ],
    seeds.length > 1 && seeds.length <= 12 &&
        ["seeds", seeds.map(([seed, value]) => `${seed}: ${short(value)}`).join("   ")],
    difference &&
        [
          `− ${baseline.label}`,
          `${signed(difference[0], column.decimals + 1)}, 95% [${fixed(difference[1], column.decimals + 1)}, ${
              fixed(difference[2], column.decimals + 1)}]`
        ],
    difference &&
        [
          "Holm",
          `${pText(difference[3])}: ${difference[3] <= D.table.level ? "they differ" : "they cannot be told apart"}`
        ],
    ...estimation(kinds[of[row.index]]),
  ].filter(Boolean));
}

/** The column's scale, over the rows shown. */
function stripScale(rows, column, baseline) {
  const range = [4, STRIP.width - 4];
  if (state.mode === "differences") {
    const ends = rows.flatMap((row) => differenceOf(baseline, row, column)?.slice(0, 3) ?? []);
    return scaleOf([0, ...ends], range);
  }
  return scaleOf(rows.flatMap((row) => row.cells.map((cell) => finalValue(cell, column.name) ?? NaN)), range);
}

function tableRow(row, columns, scales, baseline) {
  const cell = state.mode === "differences" ? differenceCell : valueCell;
  const isBaseline = baseline?.row === row.index;
  return h(
      `tr.r${row.index}${isBaseline ? ".baseline" : ""}`,
      {onmouseenter: () => setHot(row.index), onmouseleave: () => setHot(null)},
      h("th", {scope: "row"},
        h("button.row",
          {type: "button", title: "Its cells", onclick: () => row.all.length > 0 && set({cell: row.all[0].id})},
          swatch(row), h("span", {}, row.label), isBaseline && h("span.tag", {}, "baseline"))),
      h("td.n", {},
        row.all.length > row.cells.length ? `${row.cells.length} of ${row.all.length}` : String(row.cells.length)),
      columns.map((column, i) => cell(row, column, scales[i], baseline)));
}

/** Arrow keys go from cell to cell; the one in focus shows what is known of it. */
function walkCells(table) {
  const cells = [...table.querySelectorAll("td[data-row]")];
  if (cells.length > 0) cells[0].tabIndex = 0;
  const tip = (cell) => cellTip(ROWS[cell.dataset.row], COLUMNS[cell.dataset.column]);
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td[data-row]");
    const [down, right] = {ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1]}[event.key] ??
        [0, 0];
    if (!cell || (down === 0 && right === 0)) return;
    event.preventDefault();
    const line = cell.parentElement,
          lines = [...table.querySelectorAll("tbody tr")].filter((each) => each.querySelector("td[data-row]"));
    const place = [...line.children].indexOf(cell) + right, to = lines[lines.indexOf(line) + down]?.children[place];
    if (to?.dataset.row === undefined) return;
    cell.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  });
  table.addEventListener("focusin", (event) => {
    const cell = event.target.closest("td[data-row]");
    if (!cell) return;
    cell.setAttribute("aria-describedby", "tip");
    showTipAt(cell, tip(cell));
  });
  table.addEventListener("focusout", hideTip);
  table.addEventListener("pointermove", (event) => {
    const cell = event.target.closest("td[data-row]");
    if (cell)
      showTip(tip(cell), event.clientX, event.clientY);
    else
      hideTip();
  });
  table.addEventListener("pointerleave", hideTip);
}

function resultsTable() {
  const columns = shownColumns(), rows = shownRows(), baseline = chosenBaseline();
  const scales = columns.map((column) => stripScale(rows, column, baseline));
  const table = h(
      "table", {role: "grid", "aria-label": `Results on ${D.table.split}`},
      h("thead", {},
        h("tr", {},
          h("th", {
            scope: "col",
            "aria-sort": state.sort.startsWith("method") ? state.sort.endsWith("down") ? "descending" : "ascending" :
                                                           "none"
          },
            h("button.sort", {type: "button", onclick: () => set({sort: nextSort("method")})}, "method")),
          h("th.n", {scope: "col"}, "seeds"), columns.map(headCell))),
      facets(rows).map(
          (facet) => h(
              "tbody", {},
              facet.title && h("tr.facet", {}, h("th", {colspan: columns.length + 2, scope: "rowgroup"}, facet.title)),
              sorted(facet.rows).map((row) => tableRow(row, columns, scales, baseline)))));
  walkCells(table);
  return h("div.scroll", {}, table);
}

function tableControls() {
  const baseline = chosenBaseline();
  return [
    baseline &&
        choice(
            "What cells show", [["values", "values"], ["differences", `differences to ${baseline.label}`]], state.mode,
            (mode) => set({mode})),
    picker(
        "Columns", COLUMNS.map(({name}) => [name, `${name}: ${metricInfo(name).long}`]),
        shownColumns().map(({name}) => name), (names) => set({columns: names.join(",")}))
  ];
}

function tableCaption() {
  const baseline = chosenBaseline(), level = D.table.level;
  const when = `At the end of training, on ${D.table.split}, the weights that validation chose.`;
  const line = baseline ? ", and a line at the baseline" : "";
  if (state.mode === "values") return `${when} Below each mean its seeds on the column's scale${line}.`;
  return `${when} Differences to ${baseline.label}, paired by seed and where that can be by example, with 95% ` +
      `intervals; p after Holm's correction over the rows, bold where it is at most ${level}.`;
}

/** A note of the table (TableNote) as far as it is about what is shown; empty for none. */
function noteText(note, names) {
  const texts = note.parts.map((part) => {
    const columns = part.columns.filter((name) => names.has(name));
    if (part.ofMeans ? state.mode === "differences" : part.columns.length > columns.length && columns.length === 0)
      return "";
    return columns.length > 0 ? part.text.replace("{}", () => columns.join(", ")) : part.text.replace("Best:", "Bold:");
  });
  const shown = texts.filter((text) => text !== "");
  return shown.length > 0 ? note.text.replace("{}", () => shown.join(note.between)) : "";
}

function tableNotes() {
  const baseline = chosenBaseline(), names = new Set(shownColumns().map(({name}) => name));
  const footers = (baseline ?? D.table).notes.map((note) => noteText(note, names)).filter((text) => text !== "");
  const hidden = ROWS.length - shownRows().length;
  if (hidden > 0)
    footers.push(
        `Marks and tests are of all ${ROWS.length} rows, ${hidden} of which ${hidden === 1 ? "is" : "are"} hidden.`);
  return h("ul.notes", {}, footers.map((footer) => h("li", {}, footer)));
}

function drawTable() {
  if (ROWS.length === 0) return;
  const tools = [
    h("button", {type: "button", onclick: () => copyText(tableLatex(), "LaTeX")}, "Copy LaTeX"),
    h("button", {type: "button", onclick: () => copyText(tableCsv(), "CSV")}, "Copy CSV"),
    h("button",
      {
        type: "button",
        "aria-label": "YAML of results",
        onclick: () => showText("The same by klbench plot", figuresYaml([[
                                  ["name", "results_selected"], ["kind", "table"],
                                  ["metric", shownColumns().map(({name}) => name)], ["split", D.table.split]
                                ]]))
      },
      "YAML")
  ];
  const {section, controls, body, caption} = panel("results", "Results", "", tools);
  byId("main").append(section);
  watch(["hide", "facet", "base", "mode", "sort", "columns"], () => {
    if (!chosenBaseline()) state.mode = "values";
    caption.textContent = tableCaption();
    redraw(controls, ...tableControls().filter(Boolean));
    redraw(body, resultsTable(), tableNotes());
  });
}
