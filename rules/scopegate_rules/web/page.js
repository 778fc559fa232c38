"use strict";
(() => {
  // Every word of the plan goes into the page through textContent or an attribute, never as markup.
  const data = JSON.parse(document.getElementById("data").textContent);
  const { words, places, rules, notes } = data;
  const HOWS = ["direct", "affected", "exposed"];
  const MOST_NODES = 150, MOST_IN_GROUP = 120, ROWS = 100;
  const byId = (id) => document.getElementById(id);
  const element = (tag, text, attributes = {}) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };

  // ---- the resources -------------------------------------------------------------------------------------------------

  const resources = data.resources.map((row, index) => ({
    index, address: words[row[0]], type: words[row[1]], change: row[2] < 0 ? "" : words[row[2]], how: HOWS[row[3]],
    place: row[4], service: words[row[5]], account: words[row[6]], module: words[row[7]], parent: row[8],
    attribute: words[row[9]], why: words[row[10]], source: words[row[11]], destroyed: row[12] === 1,
    signals: row[13], note: row[14], evidence: row[15], also: row[16] || [], rank: row[17], depth: 0,
  }));
  // A chain may be longer than the stack is deep, so depths are found from the roots outwards.
  const children = resources.map(() => []);
  for (const one of resources) if (one.parent >= 0) children[one.parent].push(one);
  let level = resources.filter((one) => one.parent < 0);
  for (let depth = 0; level.length; depth += 1) {
    level.forEach((one) => { one.depth = depth; });
    level = level.flatMap((one) => children[one.index]);
  }
  const severities = ["high", "medium", "low"];
  const gravest = (one) => Math.min(3, ...one.signals.map((s) => severities.indexOf(rules[s[0]].severity)));
  const placeName = (number) => (number < 0 ? "no place" : places[number].name);

  // ---- filters -------------------------------------------------------------------------------------------------------

  const wanted = { text: "", place: "", service: "", how: "", signal: "", limit: "" };
  const limitMembers = data.limits.map((limit) => new Set(limit.resources));
  const has = (one) =>
    (wanted.place === "" || String(one.place) === wanted.place || one.also.some((a) => String(a[1]) === wanted.place)) &&
    (wanted.service === "" || one.service === wanted.service) &&
    (wanted.how === "" || (wanted.how === "destroyed" ? one.destroyed : one.how === wanted.how)) &&
    (wanted.signal === "" || one.signals.some((s) => rules[s[0]].category === wanted.signal)) &&
    (wanted.limit === "" || limitMembers[Number(wanted.limit)].has(one.index)) &&
    (wanted.text === "" || `${one.address}\n${one.type}`.toLowerCase().includes(wanted.text));
  let shown = resources, rowsShown = ROWS, selected = -1;
  const open = new Set();

  const fill = (id, values, label = (value) => value) => {
    for (const value of values) byId(id).append(element("option", label(value), { value }));
  };
  const unique = (values) => [...new Set(values)].filter(Boolean).sort();
  fill("filter-place", [...new Set(resources.flatMap((r) => [r.place, ...r.also.map((a) => a[1])]))].sort((a, b) => a - b), placeName);
  fill("filter-service", unique(resources.map((one) => one.service)));
  fill("filter-signal", unique(rules.map((rule) => rule.category)));
  data.limits.forEach((limit, number) => byId("filter-limit").append(element("option", limit.name, { value: number })));

  const filterBy = (name, value) => {
    wanted[name] = value;
    const control = byId(`filter-${name}`);
    if (control.value !== value) control.value = value;
    shown = resources.filter(has);
    rowsShown = ROWS;
    open.clear();
    for (const button of document.querySelectorAll("[data-place]"))
      button.setAttribute("aria-pressed", String(button.dataset.place === wanted.place));
    draw();
  };
  for (const name of ["place", "service", "how", "signal", "limit"])
    byId(`filter-${name}`).addEventListener("change", (event) => filterBy(name, event.target.value));
  byId("filter-text").addEventListener("input", (event) => filterBy("text", event.target.value.trim().toLowerCase()));
  byId("filter-clear").addEventListener("click", () => {
    for (const name of Object.keys(wanted)) { wanted[name] = ""; byId(`filter-${name}`).value = ""; }
    filterBy("text", "");
  });
  for (const button of document.querySelectorAll("[data-place]")) {
    const choose = () => filterBy("place", wanted.place === button.dataset.place ? "" : button.dataset.place);
    button.addEventListener("click", choose);
    if (button.tagName !== "BUTTON")
      button.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); }
      });
  }
  for (const button of document.querySelectorAll("[data-limit]"))
    button.addEventListener("click", () => {
      filterBy("limit", button.dataset.limit);
      byId("resources").scrollIntoView();
    });

  // ---- the table -----------------------------------------------------------------------------------------------------

  const columns = {
    address: (one) => one.address, what: (one) => one.change || one.how, how: (one) => HOWS.indexOf(one.how),
    place: (one) => placeName(one.place), service: (one) => one.service, signals: gravest, rank: (one) => one.rank,
  };
  let sortedBy = "rank", descending = false;
  for (const button of document.querySelectorAll("[data-sort]"))
    button.addEventListener("click", () => {
      descending = sortedBy === button.dataset.sort && !descending;
      sortedBy = button.dataset.sort;
      for (const other of document.querySelectorAll("[data-sort]"))
        other.closest("th").setAttribute("aria-sort", other === button ? (descending ? "descending" : "ascending") : "none");
      drawTable();
    });
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const signalWords = (one) =>
    severities.map((s) => [one.signals.filter((x) => rules[x[0]].severity === s).length, s])
      .filter(([count]) => count).map(([count, s]) => `${count} ${s}`).join(", ");

  const row = (one) => {
    const line = element("tr");
    const name = element("td");
    const button = element("button", one.address, { class: "link name", type: "button" });
    button.addEventListener("click", () => select(one.index, true));
    name.append(button);
    const what = element("td");
    what.append(element("span", `${one.destroyed ? "! " : ""}${one.change || one.how}`, { class: one.destroyed ? "mark destroyed" : "" }));
    line.append(name, what, element("td", one.how), element("td", placeName(one.place)), element("td", one.service), element("td", signalWords(one)));
    return line;
  };
  const drawTable = () => {
    const key = columns[sortedBy];
    const sorted = [...shown].sort((a, b) => (descending ? -1 : 1) * compare(key(a), key(b)) || a.rank - b.rank);
    byId("rows").replaceChildren(...sorted.slice(0, rowsShown).map(row));
    byId("more").hidden = sorted.length <= rowsShown;
    byId("count").textContent =
      `${shown.length} of ${resources.length} resources` + (shown.length > rowsShown ? `, the first ${rowsShown} listed` : "");
  };
  byId("more").addEventListener("click", () => { rowsShown += ROWS; drawTable(); });

  // ---- the details of one resource -----------------------------------------------------------------------------------

  const list = (tag, texts, kind = {}) => {
    const made = element(tag, undefined, kind);
    for (const text of texts) made.append(typeof text === "string" ? element("li", text) : text);
    return made;
  };
  const step = (one) => {
    const item = element("li");
    const button = element("button", one.address, { class: "link name", type: "button" });
    button.addEventListener("click", () => select(one.index, true));
    item.append(button, ` ${one.change || one.how}${one.attribute ? ` (by ${one.attribute})` : ""}`);
    return item;
  };
  const pathTo = (one) => {
    const steps = [one];
    while (steps[0].parent >= 0) steps.unshift(resources[steps[0].parent]);
    return steps;
  };
  const drawDetails = () => {
    const panel = byId("details");
    if (selected < 0) return;
    const one = resources[selected];
    const parts = [element("h3", one.address, { class: "name" })];
    const told = element("p");
    told.append(element("span", `${one.destroyed ? "! " : ""}${one.change || one.how}`, { class: `mark ${one.destroyed ? "destroyed" : ""}` }));
    told.append(one.why ? `: ${one.why}` : "", one.source ? `, at ${one.source}` : "");
    parts.push(told);
    if (one.signals.length) {
      parts.push(element("h3", "Signals"));
      parts.push(list("ul", one.signals.map((s) => `${rules[s[0]].severity}: ${words[s[1]]} [${rules[s[0]].name}] ${rules[s[0]].advice}`)));
    }
    const steps = pathTo(one);
    if (steps.length > 1) parts.push(element("h3", "Path of cause"), list("ol", steps.map(step), { class: "path" }));
    parts.push(element("h3", "Place and how it is known"));
    parts.push(list("ul", data.evidence[one.evidence].map((text) => words[text])));
    if (one.also.length)
      parts.push(list("ul", one.also.map((a) => `also ${words[a[0]]} ${placeName(a[1])} (by ${words[a[2]]})`)));
    if (one.note >= 0) {
      const note = notes[one.note];
      parts.push(element("h3", `To undo: ${words[note.undoing]}`));
      parts.push(list("ul", [...note.before.map((s) => `before: ${words[s]}`), ...note.undo.map((s) => `to undo: ${words[s]}`)]));
    }
    panel.replaceChildren(...parts);
  };
  const select = (index, focus) => {
    selected = index;
    const one = resources[index];
    if (!shown.includes(one)) byId("filter-clear").click();
    if (graph && !graph.getElementById(`r${index}`).length) { open.add(groupOf(one)); drawGraph(); }
    drawDetails();
    if (graph) {
      graph.elements().removeClass("chosen");
      const node = graph.getElementById(`r${index}`);
      node.addClass("chosen");
      if (focus && node.length) graph.animate({ center: { eles: node }, zoom: Math.max(graph.zoom(), 0.8), duration: still ? 0 : 200 });
    }
    if (focus) byId("details").focus();
  };
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

  // ---- the graph -----------------------------------------------------------------------------------------------------

  let graph = null, keyOfGroup = null;
  const groupKeys = [
    (one) => `${one.place} ${one.module || one.type}`, (one) => `${one.place} ${one.type}`, (one) => String(one.place),
  ];
  const groupOf = (one) => keyOfGroup(one);
  const shortName = (address, module) => {
    const own = module && address.startsWith(`${module}.`) ? address.slice(module.length + 1) : address;
    return own.length > 38 ? `...${own.slice(-35)}` : own;
  };

  // Nodes are resources, or groups of them where there are too many; each stands in the box of its region.
  const nodesOf = () => {
    const single = shown.length <= MOST_NODES;
    keyOfGroup = single ? null : groupKeys.find((key) => new Set(shown.map(key)).size <= MOST_NODES) || groupKeys[2];
    if (single) return shown.map((one) => ({ id: `r${one.index}`, members: [one] }));
    const groups = new Map();
    for (const one of shown) {
      const key = groupOf(one);
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(one);
    }
    const nodes = [];
    let number = 0;
    for (const [key, members] of groups) {
      if (!open.has(key)) { nodes.push({ id: `g${number += 1}`, key, members }); continue; }
      const first = members.filter((one) => one.index === selected).concat(members.filter((one) => one.index !== selected));
      nodes.push(...first.slice(0, MOST_IN_GROUP).map((one) => ({ id: `r${one.index}`, key, members: [one] })));
      if (first.length > MOST_IN_GROUP) nodes.push({ id: `g${number += 1}`, key: null, members: first.slice(MOST_IN_GROUP) });
    }
    return nodes;
  };
  const strongest = (members) => HOWS[Math.min(...members.map((one) => HOWS.indexOf(one.how)))];
  const labelOf = (node) => {
    const [first] = node.members;
    if (node.id[0] === "r") return `${first.destroyed ? "! " : ""}${shortName(first.address, first.module)}\n${first.change || first.how}`;
    const name = keyOfGroup === groupKeys[0] ? first.module || first.type : keyOfGroup === groupKeys[1] ? first.type : "";
    const gone = node.members.filter((one) => one.destroyed).length;
    return `${gone ? "! " : ""}${name.length > 38 ? `...${name.slice(-35)}` : name}\n${node.members.length} resources${gone ? `, ${gone} destroyed` : ""}`;
  };
  const elementsOf = (nodes) => {
    const holder = new Map(), elements = [], boxes = new Map();
    for (const node of nodes) {
      for (const one of node.members) holder.set(one.index, node.id);
      const place = node.members[0].place;
      if (!boxes.has(place)) boxes.set(place, []);
      boxes.get(place).push(node);
    }
    // Boxes in which something changes on the left, those that are only reached on the right, so that arrows cross none;
    // each in rows, together about as wide as the graph's window.
    const nearest = (inside) => Math.min(...inside.map((node) => node.members[0].depth));
    const laid = [...boxes].sort((a, b) => nearest(a[1]) - nearest(b[1]) || a[0] - b[0])
      .map(([place, inside]) => ({ place, reached: nearest(inside) > 0, ...layBox(inside) }));
    let start = 0;
    for (const reached of [false, true]) {
      const these = laid.filter((box) => box.reached === reached);
      const area = these.reduce((sum, box) => sum + (box.width + 60) * (box.height + 110), 0);
      const room = start + Math.max(Math.sqrt(area * (reached ? 0.5 : 1.8)), ...these.map((box) => box.width));
      let left = start, top = 0, lowest = 0, end = start;
      for (const { place, spots, width, height } of these) {
        if (left > start && left + width > room) { left = start; top += lowest + 110; lowest = 0; }
        elements.push({ data: { id: `p${place}`, label: placeName(place) } });
        for (const { node, x, y } of spots) elements.push(nodeElement(node, place, left + x, top + y));
        left += width + 60;
        end = Math.max(end, left);
        lowest = Math.max(lowest, height);
      }
      start = end + 60;
    }
    const drawn = new Set();
    for (const one of shown) {
      const from = holder.get(one.parent), to = holder.get(one.index);
      if (from && to && from !== to && !drawn.has(`${from} ${to}`)) {
        drawn.add(`${from} ${to}`);
        elements.push({ data: { id: `e${from}-${to}`, source: from, target: to } });
      }
    }
    return elements;
  };
  const layBox = (inside) => {
    const columnsOf = new Map();
    for (const node of inside) {
      const depth = Math.min(...node.members.map((one) => one.depth), 12);
      if (!columnsOf.has(depth)) columnsOf.set(depth, []);
      columnsOf.get(depth).push(node);
    }
    const spots = [];
    let left = 0, height = 0;
    for (const depth of [...columnsOf.keys()].sort((a, b) => a - b)) {
      const column = columnsOf.get(depth), high = Math.max(6, Math.ceil(Math.sqrt(column.length) * 1.6));
      column.forEach((node, position) => {
        const y = (position % high) * 82;
        height = Math.max(height, y + 82);
        spots.push({ node, x: left + Math.floor(position / high) * 375, y });
      });
      left += Math.ceil(column.length / high) * 375 + 40;
    }
    return { spots, width: left, height };
  };
  const nodeElement = (node, place, x, y) => ({
    data: { id: node.id, parent: `p${place}`, label: labelOf(node), group: node.key || "" }, position: { x, y },
    classes: [strongest(node.members), node.members.some((one) => one.destroyed) ? "destroyed" : "", node.id[0] === "g" ? "group" : "",
      node.id === `r${selected}` ? "chosen" : ""].join(" "),
  });
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const look = () => [
    { selector: "node", style: { shape: "round-rectangle", width: 345, height: 62, "background-color": colour("--card"), "border-width": 2,
      "border-color": colour("--exposed"), label: "data(label)", color: colour("--text"), "font-size": 18, "text-wrap": "wrap", "text-valign": "center" } },
    { selector: ":parent", style: { "background-color": colour("--sea"), "border-color": colour("--line"), "border-width": 1, "text-valign": "top",
      "font-size": 22, "text-margin-y": -4, padding: 16 } },
    { selector: ".direct", style: { "border-color": colour("--direct"), "border-width": 4 } },
    { selector: ".affected", style: { "border-color": colour("--affected") } },
    { selector: ".exposed", style: { "border-style": "dashed" } },
    { selector: ".destroyed", style: { shape: "polygon", "shape-polygon-points": "-1 0 -0.9 -1 0.9 -1 1 0 0.9 1 -0.9 1", "border-color": colour("--destroyed"), "border-width": 5, "border-style": "solid" } },
    { selector: ".group", style: { "border-style": "double", "border-width": 6 } },
    { selector: ".chosen", style: { "background-color": colour("--line"), "border-color": colour("--text") } },
    { selector: "edge", style: { width: 2, "line-color": colour("--quiet"), "target-arrow-color": colour("--quiet"), "target-arrow-shape": "triangle",
      "curve-style": "bezier" } },
  ];
  const drawGraph = () => {
    const elements = elementsOf(nodesOf());
    if (!graph) {
      graph = cytoscape({ container: byId("graph"), style: look(), minZoom: 0.02, maxZoom: 3, autoungrabify: true, boxSelectionEnabled: false });
      graph.on("tap", "node", (event) => {
        const id = event.target.id();
        if (id[0] === "r") select(Number(id.slice(1)), false);
        else if (id[0] === "g" && event.target.data("group")) { open.add(event.target.data("group")); drawGraph(); }
        else if (id[0] === "p") filterBy("place", wanted.place === id.slice(1) ? "" : id.slice(1));
      });
    }
    graph.batch(() => { graph.elements().remove(); graph.add(elements); });
    graph.layout({ name: "preset", fit: true, padding: 20 }).run();
    byId("grouped").textContent = shown.length <= MOST_NODES ? "" :
      `${shown.length} resources are too many to draw one by one: they are drawn in groups, by region and ` +
      `${keyOfGroup === groupKeys[0] ? "module" : keyOfGroup === groupKeys[1] ? "type" : "nothing else"}. Open a group by a click, or filter.`;
    byId("close-groups").hidden = open.size === 0;
  };
  byId("zoom-in").addEventListener("click", () => graph.zoom({ level: graph.zoom() * 1.3, renderedPosition: { x: graph.width() / 2, y: graph.height() / 2 } }));
  byId("zoom-out").addEventListener("click", () => graph.zoom({ level: graph.zoom() / 1.3, renderedPosition: { x: graph.width() / 2, y: graph.height() / 2 } }));
  byId("zoom-fit").addEventListener("click", () => graph.fit(undefined, 20));
  byId("close-groups").addEventListener("click", () => { open.clear(); drawGraph(); });
  byId("graph").addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    if (moves[event.key]) { event.preventDefault(); graph.panBy({ x: moves[event.key][0], y: moves[event.key][1] }); }
    if (event.key === "+") byId("zoom-in").click();
    if (event.key === "-") byId("zoom-out").click();
  });

  // ---- light and dark ------------------------------------------------------------------------------------------------

  const dark = () => document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  byId("theme").addEventListener("click", () => {
    document.documentElement.dataset.theme = dark() ? "light" : "dark";
    if (graph) graph.style(look());
  });

  const draw = () => { drawTable(); drawGraph(); };
  for (const part of document.querySelectorAll(".screen[hidden]")) part.hidden = false;
  draw();
  document.documentElement.dataset.ready = "true";
  performance.mark("interactive");
})();
