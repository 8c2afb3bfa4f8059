/** Axes, grid and title of one chart. */

const MARGIN = {
  top: 24,
  right: 12,
  bottom: 34,
  left: 46
};

/** Widths of `count` charts side by side in `width` pixels, each `least` or more: {columns, width}. */
function chartWidth(width, least, count, gap = 20) {
  const columns = Math.max(1, Math.min(count, Math.floor((width + gap) / (least + gap))));
  return Math.min(560, Math.floor((width - gap * (columns - 1)) / columns));
}

/** A linear or logarithmic scale over finite values, with room at its ends; `range` in pixels. */
function scaleOf(values, range, {log = false, zero = false} = {}) {
  const good = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
  let [low, high] = good.length > 0 ? d3.extent(good) : log ? [0.1, 1] : [0, 1];
  if (log) {
    const factor = high > low ? (high / low) ** 0.06 : 1.15;
    return d3.scaleLog([low / factor, high * factor], range);
  }
  if (zero) [low, high] = [Math.min(0, low), Math.max(0, high)];
  const room = high > low ? 0.06 * (high - low) : 0.1 * Math.abs(high) || 0.5;
  return d3.scaleLinear([zero && low === 0 ? 0 : low - room, zero && high === 0 ? 0 : high + room], range);
}

function tickText(scale, count) {
  if (scale.base) return (value) => minus(String(Number(value.toPrecision(2))));
  const format = scale.tickFormat(count);
  return (value) => minus(format(value).replace(/−/g, "-"));
}

function ticksOf(scale, count) {
  if (!scale.base) return scale.ticks(count);
  const [low, high] = scale.domain();
  const parts = Math.log10(high / low) > count / 1.5 ? [1] : Math.log10(high / low) > 1 ? [1, 3] : [1, 2, 5];
  const decades = d3.range(Math.floor(Math.log10(low)), Math.ceil(Math.log10(high)) + 1);
  const ticks = decades.flatMap((power) => parts.map((part) => part * 10 ** power));
  return ticks.filter((tick) => tick >= low && tick <= high);
}

/**
 * An SVG of this size with axes of the scales that `make(plot)` returns for the inner box; `name` for screen readers.
 */
function chart({width, height, title = "", xLabel = "", yLabel = "", name, x, y, wholeX = false, grid = true}) {
  const inner = {
    left: MARGIN.left,
    right: width - MARGIN.right,
    top: MARGIN.top + (yLabel ? 14 : 0),
    bottom: height - MARGIN.bottom
  };
  const root = svg(
      "svg.chart", {viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": name, tabindex: "0"});
  x.range([inner.left, inner.right]);
  y.range([inner.bottom, inner.top]);
  const xCount = Math.max(2, Math.round((inner.right - inner.left) / 70)),
        yCount = Math.max(2, Math.round((inner.bottom - inner.top) / 42));
  const xTicks = ticksOf(x, xCount).filter((tick) => !wholeX || Number.isInteger(tick)), yTicks = ticksOf(y, yCount);
  const xText = tickText(x, xCount), yText = tickText(y, yCount);
  root.append(
      svg("g.grid", {},
          (grid ? yTicks : []).map((tick) => svg("line", {x1: inner.left, x2: inner.right, y1: y(tick), y2: y(tick)}))),
      svg("g.axis", {},
          yTicks.map(
              (tick) => svg("text", {x: inner.left - 6, y: y(tick), dy: "0.32em", "text-anchor": "end"}, yText(tick))),
          xTicks.map((tick) => svg("text", {x: x(tick), y: inner.bottom + 15, "text-anchor": "middle"}, xText(tick))),
          xTicks.map((tick) => svg("line", {x1: x(tick), x2: x(tick), y1: inner.bottom, y2: inner.bottom + 4})),
          svg("line", {x1: inner.left, x2: inner.right, y1: inner.bottom, y2: inner.bottom})));
  if (title) root.append(svg("text.title", {x: 2, y: 13}, title));
  if (yLabel) root.append(svg("text.label", {x: 2, y: 29}, yLabel));
  if (xLabel) root.append(svg("text.label", {x: inner.right, y: height - 4, "text-anchor": "end"}, xLabel));
  const plot = svg("g.plot");
  root.append(plot);
  return {root, plot, inner, x, y};
}

const onlyFinite = (points) => points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
const linePath = (points) =>
    points.length === 0 ? "" : `M${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L")}`;

/** The place of the smallest number; -1 where there is none. */
const placeOfLeast = (values) =>
    values.reduce((least, value, i) => value < (least < 0 ? Infinity : values[least]) ? i : least, -1);

/** Where the pointer is in the SVG's own coordinates. */
function pointIn(root, event) {
  const box = root.getBoundingClientRect(), view = root.viewBox.baseVal;
  return [(event.clientX - box.left) * view.width / box.width, (event.clientY - box.top) * view.height / box.height];
}
