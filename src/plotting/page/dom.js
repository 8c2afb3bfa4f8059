/** Makes elements; text is only ever set as text. */

function made(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on"))
      element.addEventListener(name.slice(2), value);
    else if (name === "style")
      Object.entries(value).forEach(([key, to]) => element.style.setProperty(key, to));
    else
      element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** h("td.number", {title: "..."}, "text", child): an HTML element with classes, attributes, listeners ("onclick"). */
function h(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length > 0) element.className = classes.join(" ");
  return made(element, attributes, children);
}

/** The same of SVG. */
function svg(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  if (classes.length > 0) element.setAttribute("class", classes.join(" "));
  return made(element, attributes, children);
}

const byId = (id) => document.getElementById(id);

/** Tells a screen reader, and shows for a moment. */
function say(text) {
  const said = byId("said");
  said.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (said.textContent = ""), 2500);
}

/** Buttons of which one is pressed: [[value, text]]. */
function choice(name, options, value, change) {
  return h(
      "div.choice", {role: "group", "aria-label": name},
      options.map(
          ([key, text]) =>
              h("button",
                {type: "button", "aria-pressed": String(key === value), "data-value": key, onclick: () => change(key)},
                text)));
}

/** A list to choose one from: [[value, text]]. */
function menu(name, options, value, change) {
  const select =
      h("select", {"aria-label": name, onchange: () => change(select.value)},
        options.map(([key, text]) => h("option", {value: key, selected: String(key) === String(value)}, text)));
  return h("label.menu", {}, h("span", {}, name), select);
}

/** Boxes to tick in a list that folds; `change` gets those that are ticked, in the order of `options`. */
function picker(name, options, chosen, change, groups = [["", options]]) {
  const ticked = new Set(chosen);
  const box = ([key, text]) =>
      h("label", {}, h("input", {
          type: "checkbox",
          value: key,
          checked: ticked.has(key),
          onchange: (event) => {
            if (event.target.checked)
              ticked.add(key);
            else
              ticked.delete(key);
            change(options.map(([each]) => each).filter((each) => ticked.has(each)));
          }
        }),
        text);
  return h(
      "details.picker", {}, h("summary", {}, name),
      h("div.boxes", {}, groups.map(([head, of]) => h("fieldset", {}, head && h("legend", {}, head), of.map(box)))));
}

/** What drawnByFacet made, under the facets' titles. */
const facetBlocks = (parts, kind) =>
    parts.flatMap(({title, drawn}) => [title && h("h3", {}, title), h(kind, {}, drawn)]).filter(Boolean);

/** A heading with what it says and its tools, and what `draw` fills. */
function panel(id, title, caption, tools = []) {
  const body = h("div.body");
  const controls = h("div.controls");
  const section =
      h("section.panel", {id, "aria-labelledby": `${id}-title`},
        h("div.head", {}, h("h2", {id: `${id}-title`}, title), h("div.tools", {}, tools)), h("p.caption", {}, caption),
        controls, body);
  return {section, controls, body, caption: section.querySelector(".caption")};
}
