/** The study's data (src/plotting/page/parts.h), decoded. */

const D = JSON.parse(byId("data").textContent);
const ROWS = D.rows;
const CELLS = D.cells.ids.map(
    (id, index) => ({
      index,
      id,
      row: D.cells.rows[index],
      seed: D.cells.seeds[index],
      state: D.cells.states[index],
      tags: D.cells.tags[index]
    }));

ROWS.forEach((row, index) => {
  row.index = index;
  row.all = CELLS.filter((cell) => cell.row === index).sort((a, b) => a.seed - b.seed);
  row.cells = row.all.filter((cell) => cell.state === "done");
});

/** Numbers of three bytes each, the upper ones of a float (encode.h). */
function unpack(text) {
  const bytes = atob(text);
  const numbers = new Float32Array(bytes.length / 3);
  const view = new DataView(numbers.buffer);
  for (let i = 0; i < numbers.length; ++i) {
    view.setUint8(4 * i + 1, bytes.charCodeAt(3 * i));
    view.setUint8(4 * i + 2, bytes.charCodeAt(3 * i + 1));
    view.setUint8(4 * i + 3, bytes.charCodeAt(3 * i + 2));
  }
  return littleEndian(numbers);
}

/** Floats whose bytes were written little-endian. */
function littleEndian(numbers) {
  const view = new DataView(numbers.buffer);
  return numbers.map((_, i) => view.getFloat32(4 * i, true));
}

const unpacked = new Map();
/** unpack, once for every text. */
function numbersOf(text) {
  if (!unpacked.has(text)) unpacked.set(text, unpack(text));
  return unpacked.get(text);
}

/** Value of a column (options, facts, provenance) of a cell; undefined where it has none. */
function columnValue(columns, name, cell) {
  const column = columns[name];
  if (!column) return undefined;
  const place = column.of ? column.of[cell] : 0;
  return place < 0 ? undefined : column.values[place];
}

/** A metric of one number at the end of training; null where the cell has none. */
function finalValue(cell, metric, split = D.table.split) {
  const values = D.cells.finals[split]?.[metric] ?? D.cells.finals.cost?.[metric];
  return values ? values[cell.index] : null;
}

/** Options in which rows differ, the short values they take. */
const FACETS = [...new Set(ROWS.flatMap((row) => Object.keys(row.options)))].map(
    (option) => ({option, values: [...new Set(ROWS.map((row) => row.options[option] ?? "–"))]}));
const optionTitle = (option) => option.replace(/^regularizer\./, "");

const metricInfo = (name) => D.metrics[name] ?? {long: name, units: ""};
const metricTitle = (name) => {
  const {long, units} = metricInfo(name);
  return units ? `${long} (${units})` : long;
};

const minus = (text) => text.replace("-", "−");
/** No minus before a zero. */
const fixed = (value, decimals) => minus(value.toFixed(decimals).replace(/^-(?=[0.]*$)/, ""));
/** Four significant digits. */
const short = (value) => value === null || value === undefined || Number.isNaN(value) ?
    "–" :
    minus(
        Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-4) ? value.toExponential(2) :
                                                                            String(Number(value.toPrecision(4))));
const signed = (value, decimals) => {
  const text = fixed(value, decimals);
  return text.startsWith("−") ? text : `+${text}`;
};
const pText = (p) => p < 1e-4 ? "p < .0001" :
    p > 0.9995                ? "p 1" :
                                `p ${p.toFixed(p < 0.001 ? 4 : 3).replace(/^0/, "")}`;

const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
function deviationOf(values) {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
/** Half of the 95% interval of the mean of values. */
const halfWidth = (values) =>
    values.length < 2 ? 0 : D.table.t[values.length - 2] * deviationOf(values) / Math.sqrt(values.length);
