/** Posterior means of test examples in the two dimensions of largest KL, coloured by label, a chart a row. */

const LATENTS = D.latents.cells.map((each) => ({...each, cell: CELLS[each.cell]}));
let labelShown = null;  // all where null

/** Of every row the run of the seed that is chosen, else its first that is here. */
function latentOf(row) {
  const all = LATENTS.filter(({cell}) => cell.row === row.index);
  return all.find(({cell}) => String(cell.seed) === state.seed) ?? all[0];
}

const labelName = (latent, label) =>
    label < 0 ? "no label" : D.latents.names[latent.names]?.[label] ?? `label ${label}`;

/** Labels of the latents, most frequent first: [label, name, count]. */
function labelsOf(latents) {
  const counts = new Map();
  latents.forEach((latent) => latent.labels.forEach((label) => counts.set(label, (counts.get(label) ?? 0) + 1)));
  return [...counts].sort(([, a], [, b]) => b - a).map(([label,
                                                         count]) => [label, labelName(latents[0], label), count]);
}

/** "μ₃", the dimension as figures count it, from 0. */
const axisName = (dimension) =>
    `μ${dimension < 0 ? "" : [...String(dimension)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]).join("")}`;

/** Points as strokes without length: one path a label. */
function pointPath(latent, label, x, y, xs, ys) {
  return latent.labels.map((each, i) => each === label ? `M${x(xs[i]).toFixed(1)},${y(ys[i]).toFixed(1)}h0` : "")
      .join("");
}

function latentChart(row, latent, labels, width) {
  const xs = numbersOf(latent.x), ys = numbersOf(latent.y);
  const reach = 1.06 * Math.max(0.01, ...[...xs, ...ys].map(Math.abs));
  const drawn = chart({
    width,
    height: width + 24,
    title: row.label,
    yLabel: axisName(latent.b),
    xLabel: `${axisName(latent.a)}, seed ${latent.cell.seed}`,
    grid: false,
    name: `Posterior means of ${row.label} in two dimensions, ${xs.length} examples by label`,
    x: d3.scaleLinear([-reach, reach], [0, 1]),
    y: d3.scaleLinear([-reach, reach], [0, 1])
  });
  const {root, plot, inner, x, y} = drawn;
  plot.append(
      svg("g.grid", {}, svg("line", {x1: x(0), x2: x(0), y1: inner.top, y2: inner.bottom}),
          svg("line", {x1: inner.left, x2: inner.right, y1: y(0), y2: y(0)})));
  labels.forEach(
      ([label], place) => plot.prepend(
          svg(`path.points${labelShown !== null && labelShown !== label ? ".faint" : ""}`,
              {d: pointPath(latent, label, x, y, xs, ys), style: {stroke: labelColour(place, labels.length)}})));
  root.addEventListener("pointermove", (event) => {
    const [px, py] = pointIn(root, event),
               place = placeOfLeast([...xs].map((value, i) => Math.hypot(x(value) - px, y(ys[i]) - py)));
    if (Math.hypot(x(xs[place]) - px, y(ys[place]) - py) > 18) return hideTip();
    showTip(
        tipTable(
            labelName(latent, latent.labels[place]),
            [[axisName(latent.a), short(xs[place])], [axisName(latent.b), short(ys[place])]]),
        event.clientX, event.clientY);
  });
  root.addEventListener("pointerleave", hideTip);
  return root;
}

function labelKey(labels, again) {
  if (labels.length < 2) return null;
  return h(
      "div.chips", {role: "group", "aria-label": "Labels"},
      labels.map(
          ([label, name, count], place) =>
              h("button.chip", {
                type: "button",
                "aria-pressed": String(labelShown === null || labelShown === label),
                title: "Click: this label alone, or all",
                onclick: () => {
                  labelShown = labelShown === label ? null : label;
                  again();
                }
              },
                h("span.dot", {style: {background: labelColour(place, labels.length)}, "aria-hidden": "true"}), `${name} `,
                h("span.spread", {}, count))));
}

function drawLatents() {
  if (LATENTS.length === 0) return;
  const holder = {}, seeds = [...new Set(LATENTS.map(({cell}) => cell.seed))].sort((a, b) => a - b);
  const entry = () => [[["name", "latent"], ["kind", "latent"], ["split", "test"]]];
  const legend = () => {
    const labels = labelsOf(drawnWith(latentOf).map((pair) => pair[1])), count = labels.length;
    const names = labels.slice(0, colouredLabels(count)).map(([, name]) => name);
    if (names.length < count) names.push(`${count - names.length} other labels`);
    return names.map(
        (name, place) => [[svg("circle", {cx: 13, cy: 6, r: 4, style: {fill: labelColour(place, count)}})], name]);
  };
  const {section, controls, body} = panel(
      "latents", "Latents",
      "Posterior means of test examples in the two dimensions of largest KL of the run, coloured by label; of more than " +
          "ten labels the nine most frequent have a colour.",
      saveTools("latents", () => holder.body, entry, legend));
  holder.body = body;
  byId("main").append(section);
  const seedMenu = () =>
      menu("Seed", [["first", "first"], ...seeds.map((seed) => [seed, seed])], state.seed, (seed) => set({seed}));
  watch(["seed"], () => controls.replaceChildren(...(seeds.length > 1 ? [seedMenu()] : [])));
  const draw = (width) => {
    const shown = drawnWith(latentOf), labels = labelsOf(shown.map((pair) => pair[1]));
    const each = Math.min(300, chartWidth(width, 220, shown.length));
    const parts = drawnByFacet(latentOf, (row, latent) => latentChart(row, latent, labels, each));
    redraw(body, ...[labelKey(labels, () => draw(width)), ...facetBlocks(parts, "div.charts")].filter(Boolean));
  };
  onWidth(body, ["hide", "facet", "seed"], draw);
}
