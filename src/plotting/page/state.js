/** What is selected, for all panels; it stands in the address behind "#", and panels draw again when it changes. */

/** As in figures: every seed of fewer than five, but of many rows the means. */
function usualShow() {
  if (ROWS.length > 8) return "mean";
  return ROWS.some((row) => row.cells.length >= 5) ? "band" : "seeds";
}

const STARTS = {
  hide: "",
  facet: "",
  show: usualShow(),
  base: String(D.table.declared ?? ""),
  mode: "values",
  sort: "",
  columns: "",
  metrics: "",
  log: "",
  dims: "",
  moment: "last",
  seed: "first",
  text: "samples",
  cell: "",
  theme: "auto"
};
const state = {...STARTS};
const panels = [];  // {keys, draw}: draws again when a state of its keys changes

/** keys: those of the state that `draw` depends on. */
function watch(keys, draw) {
  panels.push({keys: new Set(keys), draw});
  draw();
}

function readHash() {
  const given = new URLSearchParams(location.hash.slice(1));
  for (const key of Object.keys(STARTS)) state[key] = given.get(key) ?? STARTS[key];
}

function writeHash() {
  const given = new URLSearchParams();
  for (const key of Object.keys(STARTS)) {
    if (state[key] !== STARTS[key]) given.set(key, state[key]);
  }
  const hash = given.toString();
  history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
}

function drawFor(keys) {
  for (const each of panels) {
    if (keys.some((key) => each.keys.has(key))) each.draw();
  }
}

function set(changes) {
  const changed = Object.keys(changes).filter((key) => state[key] !== changes[key]);
  Object.assign(state, changes);
  writeHash();
  drawFor(changed);
}

const listed = (text) => text === "" ? [] : text.split(",");

/** Rows that are shown, and those of them with a finished cell. */
function shownRows() {
  const hidden = new Set(listed(state.hide).map(Number));
  return ROWS.filter((row) => !hidden.has(row.index));
}
const drawnRows = () => shownRows().filter((row) => row.cells.length > 0);

/** [row, what `find` has for it] of the rows that are drawn and for which it has something. */
const drawnWith = (find) => drawnRows().map((row) => [row, find(row)]).filter((pair) => pair[1]);

/** [{title, rows}]: one without a facet. */
function facets(rows) {
  const facet = FACETS.find((each) => each.option === state.facet);
  if (!facet) return [{title: "", rows}];
  return facet.values
      .map((value) => ({
             title: `${optionTitle(facet.option)} = ${value}`,
             rows: rows.filter((row) => (row.options[facet.option] ?? "–") === value),
           }))
      .filter((each) => each.rows.length > 0);
}

/** make(row, what `find` has for it) of the rows that are drawn, by facet: [{title, drawn}]. */
function drawnByFacet(find, make) {
  return facets(drawnRows())
      .map(({title, rows}) => {
        const found = rows.map((row) => [row, find(row)]).filter((pair) => pair[1]);
        return {title, drawn: found.map((pair) => make(...pair))};
      })
      .filter(({drawn}) => drawn.length > 0);
}

/** The row that others are compared with, and the tests against it; nothing for none. */
function chosenBaseline() {
  const tests = D.table.baselines.find((each) => String(each.row) === state.base);
  return tests ? {...tests, label: ROWS[tests.row].label} : null;
}
