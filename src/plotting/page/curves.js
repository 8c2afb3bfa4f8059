/** Metrics by epoch, a chart each; the epoch under the pointer is shown in all of them. */

const EPOCHS = D.curves.epochs;
const SERIES =
    Object.entries(D.curves.splits)
        .flatMap(
            ([split, metrics]) => Object.keys(metrics).map((metric) => ({key: `${split}/${metric}`, split, metric})));

function chosenSeries() {
  const keys = listed(state.metrics);
  if (keys.length > 0) return keys.map((key) => SERIES.find((each) => each.key === key)).filter(Boolean);
  const usual = ["valid/kl", "valid/elbo"].map((key) => SERIES.find((each) => each.key === key)).filter(Boolean);
  return usual.length > 0 ? usual : SERIES.slice(0, 2);
}

/** The metric of a cell by epoch. */
function curveOf(cell, {split, metric}) {
  const numbers = numbersOf(D.curves.splits[split][metric]);
  return numbers.subarray(cell.index * EPOCHS.length, (cell.index + 1) * EPOCHS.length);
}

/** Of a row at every epoch: {mean, half}, over the cells that have it. */
function summaryCurve(row, series) {
  const curves = row.cells.map((cell) => curveOf(cell, series));
  return EPOCHS.map((_, i) => {
    const values = curves.map((curve) => curve[i]).filter(Number.isFinite);
    return values.length > 0 ? {mean: meanOf(values), half: halfWidth(values)} : {mean: NaN, half: 0};
  });
}

function bandPath(summary, x, y) {
  const known = EPOCHS.map((epoch, i) => [epoch, summary[i]]).filter(([, {mean}]) => Number.isFinite(mean));
  const low = ({mean, half}) => Math.max(mean - half, y.domain()[0]);
  const above = known.map(([epoch, at]) => [x(epoch), y(Math.min(at.mean + at.half, y.domain()[1]))]);
  const below = known.map(([epoch, at]) => [x(epoch), y(low(at))]).reverse();
  return above.length > 1 ? `${linePath([...above, ...below])}Z` : "";
}

function rowCurves(row, series, summary, {plot, x, y}, inRange) {
  const path = (values) =>
      linePath(onlyFinite(EPOCHS.map((epoch, i) => [x(epoch), inRange(values[i]) ? y(values[i]) : NaN])));
  if (state.show === "band") plot.append(svg(`path.mark.band.r${row.index}`, {d: bandPath(summary, x, y)}));
  if (state.show === "seeds" && row.cells.length > 1) {
    row.cells.forEach(
        (cell) => plot.append(svg(`path.mark.curve.thin.r${row.index}`, {d: path(curveOf(cell, series))})));
  }
  plot.append(
      svg(`path.mark.curve.r${row.index}`, {d: path(summary.map(({mean}) => mean)), "stroke-dasharray": dashOf(row)}));
}

/** The KL's analytic floors, dashed. */
function floorLines(rows, series, {plot, inner, y}) {
  if (series.metric !== "kl") return;
  rows.filter((row) => row.floor !== null)
      .forEach(
          (row) => plot.append(svg(
              `line.mark.floor.r${row.index}`, {x1: inner.left, x2: inner.right, y1: y(row.floor), y2: y(row.floor)})));
}

const linked = [];  // the curve charts on the page: {root, at(epoch place)}

/** Shows the values at an epoch in every chart, in words for the one that was asked. */
function showEpoch(place, from, x, y) {
  linked.forEach((each) => each.at(place));
  const lines =
      from.rows.map((row, i) => [row, from.summaries[i][place]?.mean]).filter(([, mean]) => Number.isFinite(mean));
  lines.sort(([, a], [, b]) => b - a);
  showTip(
      [
        h("b", {}, `epoch ${EPOCHS[place]}: ${from.title}`),
        h("dl", {},
          lines.slice(0, 14).flatMap(([row, mean]) => [h("dt", {}, swatch(row), row.label), h("dd", {}, short(mean))])),
        lines.length > 14 && h("p", {}, `and ${lines.length - 14} more`)
      ].filter(Boolean),
      x, y);
}

function hideEpoch() {
  linked.forEach((each) => each.at(null));
  hideTip();
  setHot(null);
}

/** A line at the epoch and the rows' means there. */
function cursorMarks(at, rows, summaries, {inner, x, y}) {
  const line = svg("line", {x1: x(EPOCHS[at]), x2: x(EPOCHS[at]), y1: inner.top, y2: inner.bottom});
  const dot = (row, mean) => svg(`circle.mark.r${row.index}`, {cx: x(EPOCHS[at]), cy: y(mean), r: 3});
  const means = rows.map((row, i) => [row, summaries[i][at].mean]);
  const known = means.filter((pair) => Number.isFinite(pair[1]) && Number.isFinite(y(pair[1])));
  return [line, ...known.map((pair) => dot(...pair))];
}

function followPointer(drawn, rows, summaries, title) {
  const {root, plot, x, y} = drawn;
  const cursor = svg("g.cursor", {"data-not-saved": ""});
  plot.append(cursor);
  const own = {rows, summaries, title};
  let place = EPOCHS.length - 1;
  const at = (epoch) => cursor.replaceChildren(...(epoch === null ? [] : cursorMarks(epoch, rows, summaries, drawn)));
  linked.push({root, at});
  root.addEventListener("pointermove", (event) => {
    const [px, py] = pointIn(root, event);
    place = placeOfLeast(EPOCHS.map((epoch) => Math.abs(x(epoch) - px)));
    const distances = rows.map((row, i) => Math.abs(y(summaries[i][place].mean) - py));
    const nearest = placeOfLeast(distances);
    showEpoch(place, own, event.clientX, event.clientY);
    setHot(nearest >= 0 && distances[nearest] < 14 ? rows[nearest].index : null);
  });
  root.addEventListener("pointerleave", hideEpoch);
  root.addEventListener("blur", hideEpoch);
  root.addEventListener("keydown", (event) => {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (!step) return;
    event.preventDefault();
    place = Math.max(0, Math.min(EPOCHS.length - 1, place + step));
    const box = root.getBoundingClientRect();
    showEpoch(place, own, box.left + x(EPOCHS[place]) * box.width / root.viewBox.baseVal.width, box.top + 20);
  });
}

const rowsWith = (series, rows) =>
    rows.filter((row) => row.cells.some((cell) => curveOf(cell, series).some(Number.isFinite)));

/** What is drawn of these rows must fit: all facets have one scale. */
function curveScale(series, rows, log) {
  const summaries = rows.map((row) => summaryCurve(row, series));
  const seeds =
      state.show === "seeds" ? rows.flatMap((row) => row.cells.flatMap((cell) => [...curveOf(cell, series)])) : [];
  const bands = state.show === "band" ? summaries.flat().flatMap(({mean, half}) => [mean - half, mean + half]) : [];
  const lowest = summaries.flat().some(({mean}) => mean < 0) ? -Infinity : 0;
  const floors = series.metric === "kl" ? rows.map((row) => row.floor ?? NaN) : [];
  return scaleOf(
      [...summaries.flat().map(({mean}) => mean), ...seeds, ...bands.map((end) => Math.max(end, lowest)), ...floors],
      [0, 1], {log, zero: !log && series.metric === "kl"});
}

/** Of which rows the dotted lines are not in force. */
function floorNote(rows, charts) {
  const failing = charts.some(({metric}) => metric === "kl") ? rows.filter((row) => row.floor_fails) : [];
  if (failing.length === 0) return null;
  const texts = failing.map((row) => `${row.label} (${row.floor_fails})`);
  return h("ul.notes", {}, h("li", {}, `Floor not in force: ${texts.join(", ")}.`));
}

function curveChart(series, facet, width, y, log) {
  const rows = rowsWith(series, facet.rows), summaries = rows.map((row) => summaryCurve(row, series));
  const title = `${metricTitle(series.metric)}, ${series.split}`;
  const drawn = chart({
    width,
    height: Math.round(Math.max(210, 0.62 * width)),
    title: facet.title || metricInfo(series.metric).long,
    yLabel: facet.title ? title : `${metricInfo(series.metric).units || series.metric}, ${series.split}`,
    xLabel: "epoch",
    name: `${title} by epoch, ${rows.length} rows. Left and right arrow keys go through the epochs.`,
    x: d3.scaleLinear([EPOCHS[0], EPOCHS[EPOCHS.length - 1]], [0, 1]),
    y,
    wholeX: true
  });
  floorLines(rows, series, drawn);
  const inRange = (value) => Number.isFinite(value) && (!log || value > 0);
  rows.forEach((row, i) => rowCurves(row, series, summaries[i], drawn, inRange));
  followPointer(drawn, rows, summaries, title);
  return drawn.root;
}

function curveControls() {
  const options = SERIES.map(({key, split, metric}) => [key, `${metric}: ${metricInfo(metric).long}`]);
  const groups =
      Object.keys(D.curves.splits).map((split) => [split, options.filter(([key]) => key.startsWith(`${split}/`))]);
  const chosen = chosenSeries();
  return [
    picker("Metrics", options, chosen.map(({key}) => key), (keys) => set({metrics: keys.join(",")}), groups),
    picker("Log axes", chosen.map(({key}) => [key, key]), listed(state.log), (keys) => set({log: keys.join(",")}))
  ];
}

/** What `figures:` has for a chart. */
function curveEntry({key, split, metric}) {
  const entry = [["name", `${metric}_by_epoch_${split}`], ["kind", "curve"], ["metric", metric], ["split", split]];
  if (listed(state.log).includes(key)) entry.push(["log_y", true]);
  if (metric === "kl") entry.push(["floor", true]);
  return entry;
}

function drawCurves() {
  if (EPOCHS.length === 0 || SERIES.length === 0) return;
  const holder = {};
  const caption =
      "By epoch. The epoch under the pointer is shown in all charts; dotted lines are analytic floors of the KL.";
  const tools = saveTools("curves", () => holder.body, () => chosenSeries().map(curveEntry));
  const {section, controls, body} = panel("curves", "Training", caption, tools);
  holder.body = body;
  byId("main").append(section);
  onWidth(body, ["hide", "facet", "show", "metrics", "log"], (width) => {
    redraw(controls, ...curveControls());
    linked.length = 0;
    const charts = chosenSeries(), parts = facets(drawnRows());
    const each = chartWidth(width, 300, parts.length === 1 ? charts.length : parts.length);
    const chartsOf = (series) => {
      const log = listed(state.log).includes(series.key), y = curveScale(series, rowsWith(series, drawnRows()), log);
      return parts.map((facet) => curveChart(series, facet, each, y.copy(), log));
    };
    const lines = parts.length === 1 ? [charts.flatMap(chartsOf)] : charts.map(chartsOf);
    body.replaceChildren(
        ...[...lines.map((line) => h("div.charts", {}, line)), floorNote(drawnRows(), charts)].filter(Boolean));
  });
}
