/** The one selection: rows, seeds or their mean, facets, baseline. */

function hide(rows, hidden) {
  const all = new Set(listed(state.hide).map(Number));
  rows.forEach((row) => hidden ? all.add(row.index) : all.delete(row.index));
  set({hide: [...all].sort((a, b) => a - b).join(",")});
}

function only(rows) {
  const kept = new Set(rows);
  set({hide: ROWS.filter((row) => !kept.has(row)).map((row) => row.index).join(",")});
}

/** A button that shows and hides rows; with Shift it shows them alone. */
function chip(rows, text, shown, decoration) {
  const pressed = rows.every((row) => shown.has(row));
  const hover = rows.length === 1 ? {onmouseenter: () => setHot(rows[0].index), onmouseleave: () => setHot(null)} : {};
  return h(
      `button.chip${rows.length === 1 ? `.r${rows[0].index}` : ".all"}`, {
        type: "button",
        "aria-pressed": String(pressed),
        title: "Click: show or hide; with Shift: show alone",
        ...hover,
        onclick: (event) => event.shiftKey ? only(rows) : hide(rows, pressed)
      },
      decoration, text);
}

/** Methods, each followed by its rows where it has several. */
function legend() {
  const shown = new Set(shownRows());
  const methods = [...new Set(ROWS.map((row) => row.method))];
  return h(
      "div.chips", {role: "group", "aria-label": "Rows shown"}, methods.map((method) => {
        const rows = ROWS.filter((row) => row.method === method);
        if (rows.length === 1) return chip(rows, rows[0].label, shown, swatch(rows[0]));
        return h(
            "span.family", {}, chip(rows, method, shown),
            rows.map((row) => chip([row], row.label.slice(method.length).trim() || method, shown, swatch(row))));
      }),
      h("button.chip.plain", {type: "button", onclick: () => set({hide: ""})}, "all"),
      h("button.chip.plain", {type: "button", onclick: () => set({hide: ROWS.map((row) => row.index).join(",")})},
        "none"));
}

function settings() {
  const baselines = D.table.baselines.map((each) => [each.row, ROWS[each.row].label]);
  return h(
      "div.settings", {},
      choice(
          "What is drawn of the seeds", [["mean", "mean"], ["seeds", "seeds"], ["band", "95% band"]], state.show,
          (show) => set({show})),
      FACETS.length > 0 &&
          menu(
              "Facets", [["", "none"], ...FACETS.map(({option}) => [option, optionTitle(option)])], state.facet,
              (facet) => set({facet})),
      baselines.length > 0 && menu("Baseline", [["", "none"], ...baselines], state.base, (base) => set({base})),
      h("span.spring"),
      menu("Theme", [["auto", "auto"], ["light", "light"], ["dark", "dark"]], state.theme, (theme) => set({theme})),
      h("button", {type: "button", onclick: () => set({...STARTS, theme: state.theme})}, "Reset"));
}

function applyTheme() {
  document.documentElement.style.colorScheme = state.theme === "auto" ? "light dark" : state.theme;
}

/** Draws again what has the focus with the focus on its successor. */
function redraw(container, ...content) {
  const focus = container.contains(document.activeElement) ? document.activeElement : null;
  const place = focus ? [...container.querySelectorAll("button,select,input,summary")].indexOf(focus) : -1;
  const open = [...container.querySelectorAll("details")].map((each) => each.open);
  const scroll = container.querySelector(".chips")?.scrollTop;
  container.replaceChildren(...content);
  container.querySelectorAll("details").forEach((each, i) => (each.open = open[i] ?? false));
  if (scroll) container.querySelector(".chips").scrollTop = scroll;
  if (place >= 0) container.querySelectorAll("button,select,input,summary")[place]?.focus();
}

function drawSelection() {
  byId("selection").hidden = ROWS.length === 0;
  watch(["hide", "show", "facet", "base", "theme"], () => redraw(byId("selection"), settings(), legend()));
  watch(["theme"], applyTheme);
}
