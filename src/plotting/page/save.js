/** A panel as a file: its SVG, and the YAML by which `klbench plot` draws it. */

const KEPT_STYLES = [
  "fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity", "fill-opacity",
  "stroke-opacity", "font-family", "font-size", "font-weight", "text-anchor"
];

/** A copy with the styles that it has on a light page written into it. */
function styledCopy(element) {
  const copy = element.cloneNode(true);
  const from = [element, ...element.querySelectorAll("*")], to = [copy, ...copy.querySelectorAll("*")];
  from.forEach((each, i) => {
    const style = getComputedStyle(each);
    to[i].removeAttribute("class");
    for (const name of KEPT_STYLES) to[i].style.setProperty(name, style.getPropertyValue(name));
  });
  copy.querySelectorAll("[data-not-saved]").forEach((each) => each.remove());
  return copy;
}

const rowLegend = () => drawnRows().map((row) => [[...swatch(row).childNodes], row.label]);

/** A legend [[marks, text]] below charts `width` wide. */
function legendGroup(entries, width, top) {
  const group = svg("g.legend");
  let x = 0, y = top + 16;
  for (const [marks, text] of entries) {
    const room = 44 + 6.9 * text.length;
    if (x > 0 && x + room > width) [x, y] = [0, y + 18];
    group.append(svg("g", {transform: `translate(${x},${y - 6})`}, ...marks), svg("text", {x: x + 32, y: y + 4}, text));
    x += room;
  }
  return {group, bottom: entries.length > 0 ? y + 12 : top};
}

/** All charts of a panel, as they lie, in one SVG with white ground. */
function panelSvg(body, entries) {
  const charts = [...body.querySelectorAll("svg.chart")];
  const boxes = charts.map((each) => each.getBoundingClientRect());
  const left = Math.min(...boxes.map((box) => box.left)), top = Math.min(...boxes.map((box) => box.top));
  const width = Math.max(...boxes.map((box) => box.right)) - left,
        below = Math.max(...boxes.map((box) => box.bottom)) - top;
  const legend = legendGroup(entries, width, below);
  body.append(svg("svg.chart", {width: 0, height: 0}, legend.group));
  document.documentElement.style.colorScheme = "light";
  const whole =
      svg("svg",
          {xmlns: "http://www.w3.org/2000/svg", width, height: legend.bottom, viewBox: `0 0 ${width} ${legend.bottom}`},
          svg("rect", {width: "100%", height: "100%", fill: "#ffffff"}), charts.map((each, i) => {
            const copy = styledCopy(each);
            ["role", "tabindex"].forEach((name) => copy.removeAttribute(name));
            copy.setAttribute("x", boxes[i].left - left);
            copy.setAttribute("y", boxes[i].top - top);
            return copy;
          }),
          styledCopy(legend.group));
  applyTheme();
  body.lastChild.remove();
  return new XMLSerializer().serializeToString(whole);
}

function saveFile(name, type, text) {
  const link = h("a", {href: URL.createObjectURL(new Blob([text], {type})), download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function copyText(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h("textarea", {}, text);
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say(`${what} copied`);
}

/** A YAML flow map on one line; JSON's strings are YAML's. */
function yamlMap(entries) {
  const word = (text) =>
      /^[A-Za-z_][A-Za-z0-9_+]*$/.test(text) && !/^(true|false|yes|no|on|off|null|y|n)$/i.test(text) ?
      text :
      JSON.stringify(text);
  const value = (given) => Array.isArray(given) ? `[${given.map(word).join(", ")}]` :
      typeof given === "boolean" ? String(given) :
                                   word(given);
  return `{${entries.map(([key, given]) => `${key}: ${value(given)}`).join(", ")}}`;
}

/** `only:` where methods are left out; a figure takes methods, not single rows. */
function onlyMethods() {
  const all = [...new Set(ROWS.map((row) => row.method))], shown = [...new Set(shownRows().map((row) => row.method))];
  return shown.length < all.length && shown.length > 0 ? [["only", shown]] : [];
}

/** figures: [[[key, value]]], the entries of a study's `figures:`. */
function figuresYaml(figures) {
  const names = figures.map((figure) => figure.find(([key]) => key === "name")[1]);
  return `# Below "figures:" of the study, then: klbench plot STUDY.yaml --figure ${names[0]}\n` +
      `figures:\n${figures.map((figure) => `  - ${yamlMap([...figure, ...onlyMethods()])}`).join("\n")}\n`;
}

function showText(title, text) {
  const dialog = byId("text-dialog");
  dialog.replaceChildren(
      h("div.head", {}, h("h2", {id: "text-title"}, title),
        h("button", {type: "button", onclick: () => dialog.close()}, "Close")),
      h("pre", {tabindex: "0"}, text), h("button", {type: "button", onclick: () => copyText(text, "YAML")}, "Copy"));
  dialog.showModal();
}

/** The buttons of a panel; `figures()` gives the entries of its YAML, `legend()` those of legendGroup. */
function saveTools(id, body, figures, legend = rowLegend) {
  const save = () => body().querySelector("svg.chart") ?
      saveFile(`${id}.svg`, "image/svg+xml", panelSvg(body(), legend())) :
      say("Nothing is drawn");
  const show = () => showText("The same by klbench plot", figuresYaml(figures()));
  return [
    h("button", {type: "button", "aria-label": `SVG of ${id}`, onclick: save}, "SVG"),
    h("button", {type: "button", "aria-label": `YAML of ${id}`, onclick: show}, "YAML")
  ];
}
