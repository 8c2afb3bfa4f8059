/**
 * Rate and distortion at the end of training, lines of equal ELBO, a line where there is no rate (a language model).
 */

function ratePoints(row) {
  return row.cells.map((cell) => [finalValue(cell, "kl"), finalValue(cell, "rec"), cell])
      .filter(([kl, rec]) => kl !== null && rec !== null);
}
const ratelessLevel = (row) => {
  const values = row.cells.filter((cell) => finalValue(cell, "kl") === null)
                     .map((cell) => finalValue(cell, "rec"))
                     .filter((value) => value !== null);
  return values.length > 0 ? meanOf(values) : null;
};

/** The part of kl + rec = sum within the plot, from left to right: null where it is shorter than `least` of its width. */
function isoline(sum, {x, y}, least = 0) {
  const [xLow, xHigh] = x.domain(), [yLow, yHigh] = y.domain();
  const from = Math.max(xLow, sum - yHigh), to = Math.min(xHigh, sum - yLow);
  if (to - from <= least * (xHigh - xLow)) return null;
  return {x1: x(from), y1: y(sum - from), x2: x(to), y2: y(sum - to)};
}

/** Lines of equal negative ELBO, named where they leave the plot. */
function isolines(drawn) {
  const {plot, inner, x, y} = drawn, [xLow, xHigh] = x.domain(), [yLow, yHigh] = y.domain();
  for (const sum of d3.ticks(xLow + yLow, xHigh + yHigh, 8)) {
    const line = isoline(sum, drawn, 0.08);
    if (!line) continue;
    const at = {x: Math.min(line.x2 + 2, inner.right - 2), y: line.y2 - 4, "text-anchor": "end"};
    plot.append(svg("line.isoline", line), svg("text.isolabel", at, short(sum)));
  }
}

const rateLines = (row, [kl, rec, cell], what) =>
    [[what, cell ? `seed ${cell.seed}` : `${row.cells.length} seed${row.cells.length === 1 ? "" : "s"}`],
     ["rate (KL)", short(kl)], ["distortion", short(rec)], ["−ELBO", short(kl + rec)]];

/** The element, which shows a tip of [name, value] lines when the pointer comes or it gets the focus (walkMarks). */
function withTip(element, row, lines) {
  const name = `${row.label}: ${lines.map((line) => line.join(" ")).join(", ")}`;
  for (const [key, value] of [["tabindex", "-1"], ["role", "img"], ["aria-label", name]])
    element.setAttribute(key, value);
  const show = (showAt) => {
    setHot(row.index);
    showAt(tipTable(row.label, lines));
  };
  const hide = () => {
    setHot(null);
    hideTip();
  };
  element.addEventListener("pointerenter", (event) => show((tip) => showTip(tip, event.clientX, event.clientY)));
  element.addEventListener("focus", () => show((tip) => showTipAt(element, tip)));
  element.addEventListener("pointerleave", hide);
  element.addEventListener("blur", hide);
  return element;
}

/** The arrow keys give the focus to the marks of a chart one after the other. */
function walkMarks(root) {
  const marks = [...root.querySelectorAll("[tabindex='-1']")];
  root.setAttribute("role", "group");
  root.addEventListener("keydown", (event) => {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (!step || marks.length === 0) return;
    event.preventDefault();
    const to = marks.indexOf(document.activeElement) + step;
    marks[Math.max(0, Math.min(marks.length - 1, to))].focus();
  });
}

/** 95% intervals of both means. */
function crossOf(row, points, mean, {x, y}) {
  const [halfX, halfY] = [0, 1].map((i) => halfWidth(points.map((point) => point[i])));
  const end = (value, scale) => scale(Math.max(scale.domain()[0], Math.min(scale.domain()[1], value)));
  return [
    svg(`line.mark.interval.r${row.index}`,
        {x1: end(mean[0] - halfX, x), x2: end(mean[0] + halfX, x), y1: y(mean[1]), y2: y(mean[1])}),
    svg(`line.mark.interval.r${row.index}`,
        {x1: x(mean[0]), x2: x(mean[0]), y1: end(mean[1] - halfY, y), y2: end(mean[1] + halfY, y)})
  ];
}

function addRatePoints(row, drawn) {
  const points = ratePoints(row), {plot, x, y} = drawn;
  if (points.length === 0) return;
  const mean = [meanOf(points.map(([kl]) => kl)), meanOf(points.map(([, rec]) => rec))];
  if (state.show === "band" && points.length > 1) plot.append(...crossOf(row, points, mean, drawn));
  if (state.show === "seeds" && points.length > 1) {
    points.forEach(
        (point) => plot.append(withTip(
            svg(`circle.mark.seed.r${row.index}`, {cx: x(point[0]), cy: y(point[1]), r: 3}), row,
            rateLines(row, point, "one run"))));
  }
  const point = withTip(marker(row, x(mean[0]), y(mean[1]), 6), row, rateLines(row, mean, "mean of"));
  plot.append(point);
}

/** Scales over all rows, which all facets share. */
function rateScales(rows) {
  const points = rows.flatMap(ratePoints);
  return {
    x: scaleOf(points.map(([kl]) => kl), [0, 1], {zero: true}),
    y: scaleOf([...points.map(([, rec]) => rec), ...rows.map((row) => ratelessLevel(row) ?? NaN)], [0, 1])
  };
}

function rateChart(facet, width, scales) {
  const rows = facet.rows, levels = rows.map(ratelessLevel);
  const drawn = chart({
    width,
    height: Math.round(Math.max(280, 0.58 * width)),
    title: facet.title,
    yLabel: "distortion: reconstruction loss (nats per example)",
    xLabel: "rate: KL divergence (nats per example)",
    name: `Rate and distortion of ${rows.length} rows. Left and right arrow keys go through the points.`,
    x: scales.x.copy(),
    y: scales.y.copy(),
    grid: false
  });
  isolines(drawn);
  rows.forEach((row, i) => {
    const line = levels[i] === null ? null : isoline(levels[i], drawn);
    if (!line) return;
    drawn.plot.append(withTip(
        svg(`line.mark.curve.r${row.index}`, {...line, "stroke-dasharray": dashOf(row)}), row,
        [["no rate", "decoder without z"], ["nll", short(levels[i])]]));
  });
  rows.forEach((row) => addRatePoints(row, drawn));
  walkMarks(drawn.root);
  return drawn.root;
}

function drawRate() {
  if (!ROWS.some((row) => ratePoints(row).length > 0)) return;
  const holder = {};
  const {section, body} = panel(
      "rate", "Rate and distortion",
      `On ${D.table.split}. Dashed lines: equal negative ELBO. A row without a rate is such a line, in its colour.`,
      saveTools(
          "rate", () => holder.body,
          () => [[["name", "rate_distortion"], ["kind", "rate_distortion"], ["split", D.table.split]]]));
  holder.body = body;
  byId("main").append(section);
  onWidth(body, ["hide", "facet", "show"], (width) => {
    const parts = facets(drawnRows()).filter((facet) => facet.rows.some((row) => ratePoints(row).length > 0));
    const each = parts.length === 1 ? Math.min(width, 860) : chartWidth(width, 320, parts.length);
    const scales = rateScales(parts.flatMap((facet) => facet.rows));
    body.replaceChildren(h("div.charts", {}, parts.map((facet) => rateChart(facet, each, scales))));
  });
}
