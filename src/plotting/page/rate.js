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

/** kl + rec = c, named where it leaves the plot. */
function isolines({plot, inner, x, y}) {
  const [xLow, xHigh] = x.domain(), [yLow, yHigh] = y.domain();
  for (const sum of d3.ticks(xLow + yLow, xHigh + yHigh, 8)) {
    const from = Math.max(xLow, sum - yHigh), to = Math.min(xHigh, sum - yLow);
    if (to - from < 0.08 * (xHigh - xLow)) continue;
    plot.append(
        svg("line.isoline", {x1: x(from), y1: y(sum - from), x2: x(to), y2: y(sum - to)}),
        svg("text.isolabel", {x: Math.min(x(to) + 2, inner.right - 2), y: y(sum - to) - 4, "text-anchor": "end"},
            short(sum)));
  }
}

function rateTip(row, [kl, rec, cell], what) {
  return tipTable(row.label, [
    [what, cell ? `seed ${cell.seed}` : `${row.cells.length} seed${row.cells.length === 1 ? "" : "s"}`],
    ["rate (KL)", short(kl)], ["distortion", short(rec)], ["−ELBO", short(kl + rec)]
  ]);
}

/** What shows the tip of a point when the pointer comes or it gets the focus. */
function withTip(element, row, tip) {
  element.addEventListener("pointerenter", (event) => {
    setHot(row.index);
    showTip(tip(), event.clientX, event.clientY);
  });
  element.addEventListener("pointerleave", () => {
    setHot(null);
    hideTip();
  });
  return element;
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
            () => rateTip(row, point, "one run"))));
  }
  const point = withTip(marker(row, x(mean[0]), y(mean[1]), 6), row, () => rateTip(row, mean, "mean of"));
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
    name: `Rate and distortion of ${rows.length} rows; the table has the numbers`,
    x: scales.x.copy(),
    y: scales.y.copy(),
    grid: false
  });
  isolines(drawn);
  rows.forEach((row, i) => {
    if (levels[i] === null) return;
    const {inner, y} = drawn;
    drawn.plot.append(withTip(
        svg(`line.mark.curve.r${row.index}`,
            {x1: inner.left, x2: inner.right, y1: y(levels[i]), y2: y(levels[i]), "stroke-dasharray": dashOf(row)}),
        row, () => tipTable(row.label, [["no rate", "decoder without z"], ["nll", short(levels[i])]])));
  });
  rows.forEach((row) => addRatePoints(row, drawn));
  return drawn.root;
}

function drawRate() {
  if (!ROWS.some((row) => ratePoints(row).length > 0)) return;
  const holder = {};
  const {section, body} = panel(
      "rate", "Rate and distortion",
      `On ${D.table.split}. Dashed lines: equal negative ELBO; a row without a rate is a line.`,
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
