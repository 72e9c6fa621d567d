// Lets people search, filter and sort the page of a report, and read its details. Foreign text is
// only ever placed as text (textContent); nothing here parses markup, uses the network or stores
// anything. The address holds what is shown, after "#", so a view can be reloaded, shared and
// returned to.
"use strict";
(() => {
  const pageSize = 100;      // rows per page
  const mostPrinted = 1000;  // rows on paper
  const searchDelay = 120;   // milliseconds after the last key
  const rememberDelay = 100; // milliseconds after the last change

  const $ = id => document.getElementById(id);
  const {words, entries, texts, reasons} = JSON.parse($("data").textContent);
  const levels = [...words.levels, "none"];
  const levelWords = {none: "no finding"};
  const changes = new Map(words.changes.map(change => [change.kind, change]));
  const anyOpen = entries.some(entry => entry.o);
  const numbers = new Intl.NumberFormat("en");
  const collator = new Intl.Collator("en", {numeric: true, sensitivity: "base"});
  const byID = new Map(entries.map((entry, n) => [entry.id, n]));

  // ---- what is shown

  const start = () => ({show: anyOpen ? "open" : "all", urgency: [], source: "", kind: "", change: "", q: "", sort: "urgency", down: true, page: 1, entry: ""});
  let state = start();
  let shown = [];   // numbers of the matching entries, in order
  const opened = new Set();

  const columns = {
    urgency: {name: "Urgency", of: (entry, n) => -n, down: true}, // entries come in this order
    app: {name: "App", of: entry => entry.t},
    kind: {name: "Kind", of: entry => texts[entry.k]},
    source: {name: "Source", of: entry => texts[entry.p]},
    holders: {name: "Where", of: entry => entry.n, down: true},
    why: {name: "Why", of: entry => texts[entry.y]},
    change: {name: "Change", of: entry => entry.c ? words.changes.findIndex(change => change.kind === entry.c) : words.changes.length},
  };

  const haystacks = [];
  const haystack = n => haystacks[n] ??= textOf(entries[n]).join("\n").toLowerCase();
  const textOf = entry => [
    entry.t, entry.a, entry.m, entry.w, texts[entry.k], texts[entry.p], texts[entry.y], texts[entry.r], ...(entry.al ?? []), ...(entry.h ?? []),
    ...(entry.ap ?? []), ...(entry.no ?? []), ...(entry.ch ?? []),
    ...(entry.f ?? []).flatMap(finding => [texts[finding.r], texts[finding.y]]),
    ...(entry.ac ?? []).flatMap(number => [reasons[number].y, reasons[number].s]),
  ];

  const tests = {
    show: entry => state.show === "all" || entry.o,
    urgency: entry => !state.urgency.length || state.urgency.includes(entry.u),
    source: entry => !state.source || texts[entry.p] === state.source,
    kind: entry => !state.kind || texts[entry.k] === state.kind,
    change: entry => !state.change || (state.change === "any" ? entry.c : entry.c === state.change),
  };

  // matching returns the numbers of the entries that pass every test except one.
  function matching(except) {
    const asked = Object.entries(tests).filter(([name]) => name !== except).map(([, test]) => test);
    const terms = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [];
    for (let n = 0; n < entries.length; n++) {
      if (asked.every(test => test(entries[n])) && terms.every(term => haystack(n).includes(term))) found.push(n);
    }
    return found;
  }

  function sorted(found) {
    const {of} = columns[state.sort];
    if (state.sort === "urgency") return state.down ? found : found.reverse();
    const sign = state.down ? -1 : 1;
    const values = new Map(found.map(n => [n, of(entries[n], n)]));
    const compare = found.length && typeof values.get(found[0]) === "string" ? collator.compare : (a, b) => a - b;
    return found.sort((a, b) => sign * compare(values.get(a), values.get(b)) || a - b);
  }

  // ---- the address

  function address() {
    const first = start(), parts = new URLSearchParams();
    for (const name of ["show", "source", "kind", "change", "q", "entry"]) {
      if (state[name] !== first[name]) parts.set(name, state[name]);
    }
    if (state.urgency.length) parts.set("urgency", state.urgency.join(","));
    if (state.sort !== first.sort || state.down !== first.down) parts.set("sort", (state.down ? "-" : "") + state.sort);
    if (state.page > 1) parts.set("page", state.page);
    return "#" + parts;
  }

  // follow applies what an address says; one without a "=" names a part of the page.
  function follow(hash) {
    if (!hash.includes("=")) return false;
    const parts = new URLSearchParams(hash.slice(1));
    state = start();
    for (const name of ["source", "kind", "change", "q", "entry"]) state[name] = parts.get(name) ?? "";
    if (["open", "all"].includes(parts.get("show"))) state.show = parts.get("show");
    state.urgency = (parts.get("urgency") ?? "").split(",").filter(level => levels.includes(level));
    const sort = (parts.get("sort") ?? "").replace(/^-/, "");
    if (Object.hasOwn(columns, sort)) [state.sort, state.down] = [sort, parts.get("sort").startsWith("-")];
    state.page = Math.max(1, parseInt(parts.get("page"), 10) || 1);
    opened.clear();
    if (byID.has(state.entry)) {
      state.sort = "urgency";
      state.down = true;
      opened.add(byID.get(state.entry));
      state.page = 1 + Math.floor(Math.max(0, matching().indexOf(byID.get(state.entry))) / pageSize);
    }
    return true;
  }

  // remember writes the address once changes stop: browsers block pages that do so often.
  let remembering;
  function remember() {
    clearTimeout(remembering);
    remembering = setTimeout(() => {
      const hash = address();
      if (hash !== (location.hash || "#")) history.replaceState(null, "", hash === "#" ? location.pathname + location.search : hash);
    }, rememberDelay);
  }

  // ---- making elements

  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes ?? {})) element.setAttribute(key, value);
    element.append(...children.filter(child => child !== "" && child != null)); // strings become text
    return element;
  }

  function sign(level) {
    const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    for (const [key, value] of Object.entries({class: "sign " + level, "aria-hidden": "true", width: 12, height: 12})) drawing.setAttribute(key, value);
    use.setAttribute("href", "#sign-" + level);
    drawing.append(use);
    return drawing;
  }

  const levelWord = level => make("span", {class: "level " + level}, sign(level), levelWords[level] ?? level);
  const changeWord = kind => kind ? `${changes.get(kind)?.mark ?? "~"} ${changes.get(kind)?.name ?? kind}` : "";

  function row(n) {
    const entry = entries[n], open = opened.has(n);
    const name = make("button", {type: "button", class: "name", "aria-expanded": open, "data-n": n}, entry.t);
    if (open) name.setAttribute("aria-controls", "card-" + entry.id);
    const sub = [texts[entry.y], [texts[entry.k], entry.w, changeWord(entry.c)].filter(Boolean).join(" · ")].filter(Boolean);
    return make("tr", {class: open ? "row open" : "row"},
      make("td", {}, levelWord(entry.u)),
      make("th", {scope: "row"}, name, ...sub.map(text => make("span", {class: "sub"}, text))),
      make("td", {}, texts[entry.k]), make("td", {}, texts[entry.p]), make("td", {}, entry.w), make("td", {}, texts[entry.y]),
      make("td", {}, changeWord(entry.c)));
  }

  const list = (items, attributes) => make("ul", attributes, ...items.map(item => make("li", {}, ...[item].flat())));

  function part(heading, attributes, ...children) {
    return make("div", {...attributes, class: "part " + (attributes?.class ?? "")}, make("h3", {}, heading), ...children);
  }

  // card is everything there is to say about an entry.
  function card(n) {
    const entry = entries[n], parts = [];
    const about = [];
    if (entry.a) about.push(["ID ", make("code", {}, entry.a)]);
    for (const also of entry.al ?? []) about.push(["Also ", make("code", {}, also)]);
    if (entry.m) about.push("By " + entry.m);
    for (const note of entry.no ?? []) about.push(sentence(note));
    if (entry.f) {
      parts.push(part("What was found", {}, list(entry.f.map(finding =>
        [levelWord(finding.u), " ", texts[finding.y], " ", make("code", {}, texts[finding.r])]))));
    }
    if (entry.do || entry.rv) {
      const what = (entry.do ?? []).map(number => texts[number]);
      if (entry.rv) what.push("To take it back: " + uncapital(texts[entry.rv]));
      parts.push(part("What to do", {}, list(what)));
    }
    if (about.length) parts.push(part("What it is", {}, list(about)));
    if (entry.ch) parts.push(part("What changed " + words.since, {}, list(entry.ch)));
    if (entry.ac) {
      const reach = texts[entry.r] ? `: reaches ${texts[entry.r]}` : "";
      parts.push(part("What it may do" + reach, {class: "access wide"}, list(entry.ac.map(number => reason(reasons[number])))));
    }
    if (entry.h) {
      const holders = [...entry.h];
      if (entry.hm) holders.push(`and ${numbers.format(entry.hm)} more`);
      parts.push(part(entry.he || "Where it is", {}, list(holders)));
    }
    if (entry.ap) parts.push(part("What the allowlist says", {}, list(entry.ap)));
    if (entry.toml) parts.push(approval(entry));
    return make("tr", {class: "more", id: "card-" + entry.id}, make("td", {colspan: 7}, make("div", {class: "card"}, ...parts)));
  }

  const reason = each => [levelWord(each.u), make("span", {}, each.y, " ", make("code", {}, each.s), each.c ? ` [${each.c}]` : "")];

  function approval(entry) {
    const text = make("pre", {tabindex: 0, "aria-label": "Allowlist entry in TOML"}, entry.toml.trimEnd());
    const copy = make("button", {type: "button"}, "Copy");
    copy.addEventListener("click", () => copyText(text, copy));
    const how = texts[entry.cmd] ? ["For all at once: ", make("code", {}, texts[entry.cmd])] : [];
    return part("To approve it as it is", {class: "wide"}, text, make("p", {class: "note"}, copy, " ", ...how));
  }

  // copyText copies text if the browser lets a page do so, and otherwise selects it.
  async function copyText(text, button) {
    getSelection().selectAllChildren(text);
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Selected";
    }
  }

  const sentence = text => text.charAt(0).toUpperCase() + text.slice(1);
  const uncapital = text => text.charAt(0).toLowerCase() + text.slice(1);

  // ---- drawing

  function draw() {
    shown = sorted(matching());
    const pages = Math.max(1, Math.ceil(shown.length / pageSize));
    state.page = Math.min(state.page, pages);
    drawRows((state.page - 1) * pageSize, pageSize);
    drawHeads();
    drawChips();
    const count = numbers.format(shown.length) + (shown.length === 1 ? " entry" : " entries");
    $("count").textContent = shown.length === entries.length ? count : `${count} of ${numbers.format(entries.length)}`;
    $("pages").hidden = pages === 1;
    $("at").textContent = `Page ${numbers.format(state.page)} of ${numbers.format(pages)}`;
    $("before").disabled = state.page === 1;
    $("after").disabled = state.page === pages;
    remember();
  }

  function drawRows(from, most) {
    const rows = document.createDocumentFragment();
    for (const n of shown.slice(from, from + most)) {
      rows.append(row(n));
      if (opened.has(n)) rows.append(card(n));
    }
    if (!shown.length) rows.append(make("tr", {}, make("td", {colspan: 7, class: "hint"}, "No entry matches.")));
    $("rows").replaceChildren(rows);
  }

  function drawHeads() {
    for (const head of document.querySelectorAll("#table th[data-sort]")) {
      if (head.dataset.sort === state.sort) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    $("sort").value = state.sort;
  }

  // drawChips counts how many entries each urgency would show.
  function drawChips() {
    const counts = Object.fromEntries(levels.map(level => [level, 0]));
    for (const n of matching("urgency")) counts[entries[n].u]++;
    for (const input of document.querySelectorAll("#urgency input")) {
      input.checked = state.urgency.includes(input.value);
      input.nextElementSibling.lastElementChild.textContent = numbers.format(counts[input.value]);
    }
  }

  // toggle unfolds an entry in place, or folds it again.
  function toggle(button) {
    const n = Number(button.dataset.n), row = button.closest("tr"), open = !opened.has(n);
    if (open) {
      opened.add(n);
      row.after(card(n));
      button.setAttribute("aria-controls", "card-" + entries[n].id);
    } else {
      opened.delete(n);
      $("card-" + entries[n].id)?.remove();
      button.removeAttribute("aria-controls");
    }
    button.setAttribute("aria-expanded", open);
    row.classList.toggle("open", open);
    state.entry = open ? entries[n].id : "";
    remember();
  }

  // ---- controls

  function change(parts) {
    Object.assign(state, {page: 1, entry: ""}, parts);
    opened.clear();
    draw();
  }

  function showState() {
    $("search").value = state.q;
    for (const name of ["source", "kind", "change"]) $(name).value = state[name];
    for (const input of document.querySelectorAll("input[name=show]")) input.checked = input.value === state.show;
  }

  function fillSelect(name, options) {
    $(name).replaceChildren(...options.map(([value, text]) => make("option", {value}, text)));
    $(name).addEventListener("change", event => change({[name]: event.target.value}));
  }

  function distinct(of) {
    return [["", "Any"], ...[...new Set(entries.map(of))].sort(collator.compare).map(text => [text, text])];
  }

  function setUp() {
    fillSelect("source", distinct(entry => texts[entry.p]));
    fillSelect("kind", distinct(entry => texts[entry.k]));
    fillSelect("change", [["", "Any or none"], ["any", "Any change"], ...words.changes.map(change => [change.kind, sentence(change.name)])]);
    $("sort").replaceChildren(...Object.entries(columns).map(([value, {name}]) => make("option", {value}, name)));
    $("sort").addEventListener("change", event => change({sort: event.target.value, down: Boolean(columns[event.target.value].down)}));
    const used = new Set(entries.map(entry => entry.u));
    for (const level of levels.filter(level => used.has(level))) {
      const input = make("input", {type: "checkbox", name: "urgency", value: level});
      $("urgency").append(make("label", {}, input, make("span", {}, levelWord(level), make("span", {class: "number"}))));
    }
    for (const head of document.querySelectorAll("#table th[data-sort]")) {
      const button = make("button", {type: "button"}, head.textContent);
      button.addEventListener("click", () => {
        const sort = head.dataset.sort;
        change({sort, down: sort === state.sort ? !state.down : Boolean(columns[sort].down)});
      });
      head.replaceChildren(button);
    }
  }

  function listen() {
    let waiting;
    $("search").addEventListener("input", event => {
      clearTimeout(waiting);
      waiting = setTimeout(() => change({q: event.target.value}), searchDelay);
    });
    $("filter").addEventListener("submit", event => event.preventDefault());
    $("filter").addEventListener("change", event => {
      if (event.target.name === "show") change({show: event.target.value});
      if (event.target.name === "urgency") {
        change({urgency: [...document.querySelectorAll("#urgency input:checked")].map(input => input.value)});
      }
    });
    $("reset").addEventListener("click", () => {
      state = start();
      showState();
      change({});
    });
    for (const [id, step] of [["before", -1], ["after", 1]]) $(id).addEventListener("click", () => turn(step));
    $("rows").addEventListener("click", event => {
      const row = event.target.closest("tr.row");
      if (row && !getSelection().toString()) toggle(row.querySelector(".name"));
    });
    $("rows").addEventListener("keydown", move);
    const wide = matchMedia("(min-width: 46.01rem)"), unfold = () => { $("further").open = wide.matches; };
    wide.addEventListener("change", unfold);
    unfold();
    addEventListener("hashchange", arrive);
    addEventListener("beforeprint", () => {
      drawRows(0, mostPrinted);
      if (shown.length > mostPrinted) $("rows").append(make("tr", {}, make("td", {colspan: 7, class: "hint"}, `and ${numbers.format(shown.length - mostPrinted)} more`)));
    });
    addEventListener("afterprint", () => drawRows((state.page - 1) * pageSize, pageSize));
    $("theme").addEventListener("click", () => setTheme(isDark() ? "light" : "dark"));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTheme(document.documentElement.dataset.theme));
  }

  function turn(step) {
    state.page += step;
    opened.clear();
    draw();
    $("table").scrollIntoView();
  }

  // move goes from name to name with the arrows, and folds with Escape.
  function move(event) {
    const names = [...document.querySelectorAll("#rows .name")];
    const at = names.indexOf(event.target.closest("tr")?.querySelector(".name"));
    const step = {ArrowDown: 1, ArrowUp: -1, Home: -at, End: names.length - 1 - at}[event.key];
    if (event.key === "Escape") {
      const card = event.target.closest("tr.more");
      const name = card ? card.previousElementSibling.querySelector(".name") : event.target.closest(".name");
      if (name?.getAttribute("aria-expanded") === "true") toggle(name);
      name?.focus();
    } else if (step !== undefined && event.target.matches(".name")) {
      names[at + step]?.focus();
      event.preventDefault();
    }
  }

  // arrive follows a link to a view: from a chart, from the list of changes, or from someone else.
  function arrive() {
    clearTimeout(remembering);
    if (!follow(location.hash)) return;
    showState();
    draw();
    const name = state.entry && document.querySelector(`#rows .name[aria-expanded="true"]`);
    (name || $("entries")).scrollIntoView({block: "start"});
    (name || $("entries")).focus({preventScroll: true});
  }

  // ---- light and dark

  const isDark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

  function setTheme(theme) {
    if (theme) document.documentElement.dataset.theme = theme;
    $("theme").textContent = isDark() ? "Light" : "Dark";
  }

  setUp();
  listen();
  const came = follow(location.hash);
  showState();
  draw();
  setTheme();
  for (const id of ["filter", "theme"]) $(id).hidden = false;
  if (came && state.entry) arrive();
  performance.mark("guestlist-ready");
})();
