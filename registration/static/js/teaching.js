// The trainer's lists. Words come from the page; what waits on this device is ids and marks, never a name.
const roll = document.querySelector("[data-roll]");
const grid = document.querySelector("form[data-paste]");
const made = (name, properties) => Object.assign(document.createElement(name), properties);

// Nothing when the server was not reached, or something else answered in its place.
async function ask(url, fields) {
  try {
    const answer = await fetch(url, { method: "POST", headers: { Accept: "application/json" }, redirect: "manual", body: new URLSearchParams(fields) });
    if (answer.type === "opaqueredirect") return { login: true };
    if (answer.status >= 500 || answer.status === 429) return;
    const said = await answer.json().catch(() => undefined);
    return answer.ok ? said : { refused: true, ...said };
  } catch {} // no network
}

if (grid) {
  const cells = [...grid.querySelectorAll("[data-grade]")];
  // As in a spreadsheet: Enter and the arrows move in the column. A list's own arrows choose in it.
  grid.addEventListener("keydown", (event) => {
    const { key, target, shiftKey } = event;
    const step = { Enter: shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[key];
    if (!step || !target.dataset.grade || event.altKey || event.ctrlKey || event.metaKey) return;
    if (key !== "Enter" && target.matches("select")) return;
    event.preventDefault();
    const next = cells[cells.indexOf(target) + step];
    next?.focus();
    next?.select?.();
  });
  grid.addEventListener("input", ({ target }) => {
    if (target.getAttribute("aria-errormessage")) ["aria-invalid", "aria-errormessage"].forEach((each) => target.removeAttribute(each));
  });
  // The server reads what was pasted; the cells are filled, and nothing is saved.
  grid.addEventListener("paste", async (event) => {
    const text = event.clipboardData.getData("text/plain");
    const start = event.target.dataset.grade;
    if (!start || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const said = (await ask(grid.dataset.paste, { text, start })) ?? {};
    for (const { place, grade, typed, fault } of said.lines ?? []) {
      const cell = cells.find((each) => each.dataset.grade === place);
      if (!cell) continue;
      if (!fault || cell.matches("input")) cell.value = fault ? typed : grade;
      cell.dispatchEvent(new Event("input", { bubbles: true }));
      if (!fault) continue;
      cell.ariaInvalid = "true";
      cell.setAttribute("aria-errormessage", "pasted");
    }
    const note = document.getElementById("pasted");
    note.hidden = false;
    note.querySelector("p").textContent = said.text ?? grid.dataset.unread;
    note.querySelector("ul").replaceChildren(...(said.faults ?? []).map((textContent) => made("li", { textContent })));
  });
}

if (roll) {
  const { roll: key, url, day, ...words } = roll.dataset;
  const named = { 1: words.present, 0: words.absent, "": words.nothing };
  // Where the browser keeps nothing this ends here, and each tap is a form that is sent.
  const kept = localStorage;
  // One entry a tap, so that two windows do not overwrite each other's.
  const taps = () => Object.keys(kept).filter((id) => id.startsWith(`${key}/`));
  const read = (id) => JSON.parse(kept[id] ?? "null");
  const write = (id, tap) => (kept[id] = JSON.stringify(tap));
  const forms = [...roll.querySelectorAll("form[data-tap]")];
  const formOf = (id) => forms.find((form) => `${key}/${form.dataset.tap}` === id);
  const markOf = (form) => form.querySelector("[aria-pressed=true]")?.value ?? "";

  function count() {
    const unsent = document.querySelector(".roll-unsent");
    unsent.hidden = !taps().length;
    unsent.querySelector("p").textContent = words.unsent.replace("{num}", taps().length);
    for (const figure of document.querySelectorAll("[data-count]")) figure.textContent = forms.filter((form) => markOf(form) === figure.dataset.count).length;
  }
  function press(form, mark) {
    for (const each of form.querySelectorAll("[name=mark]")) each.setAttribute("aria-pressed", each.value === mark);
  }
  function show(id, state, ...content) {
    const form = formOf(id);
    if (!form) return;
    form.dataset.state = state;
    form.querySelector(".roll-state").replaceChildren(...(content.length ? content : [words[state]]));
  }
  function stands(form, { mark, version }) {
    form.elements.version.value = version;
    form.dataset.stands = mark;
    press(form, mark);
  }
  function choice(word, mark, act) {
    return made("button", { type: "button", className: "button button-quiet button-small", textContent: word.replace("{mark}", named[mark]), onclick: act });
  }
  function showConflict(id, { mark, theirs }) {
    const form = formOf(id);
    const keep = () => {
      delete kept[id];
      stands(form, theirs);
      show(id, "saved");
      count();
    };
    const said = words.conflict.replace("{theirs}", named[theirs.mark]).replace("{mine}", named[mark]);
    show(id, "conflict", said, choice(words.keep, theirs.mark, keep), choice(words.change, mark, () => tap(form, mark)));
  }

  // A tap rests on what was read before the first unsent one, or on a conflict that was shown.
  function tap(form, mark) {
    const id = `${key}/${form.dataset.tap}`;
    const before = read(id);
    write(id, { mark, version: (before?.theirs ?? before)?.version ?? form.elements.version.value });
    press(form, mark);
    show(id, "saving");
    count();
    send();
  }
  function settle(id, sent, said) {
    const form = formOf(id);
    const now = read(id) ?? sent;
    if (said.refused && "mark" in said) {
      write(id, { ...now, theirs: said });
      return showConflict(id, read(id));
    }
    if (!said.refused && form) stands(form, said);
    if (!said.refused && now.mark !== sent.mark) {
      if (form) press(form, now.mark); // tapped anew while this one was on its way
      return write(id, { mark: now.mark, version: said.version });
    }
    delete kept[id];
    if (!said.refused) return show(id, "saved");
    if (form) press(form, form.dataset.stands);
    show(id, "refused", said.text ?? words.refused);
  }

  let sending = false;
  let timer;
  let pause = 2000;
  async function send() {
    if (sending) return;
    sending = true;
    clearTimeout(timer);
    let id, said;
    while ((id = taps().find((each) => !read(each).theirs))) {
      const sent = read(id);
      const [date, place] = id.slice(key.length + 1).split("/");
      said = await ask(url, { place, day: date, mark: sent.mark, version: sent.version });
      if (!said || said.login) break;
      settle(id, sent, said);
      count();
      pause = 2000;
    }
    sending = false;
    if (!id) return;
    for (const each of taps()) if (!read(each).theirs) show(each, said ? "login" : "waiting");
    timer = setTimeout(send, pause);
    pause = Math.min(pause * 2, 30000);
  }

  // Before app.js sees it: that one sends a form once, and these are tapped again and again.
  roll.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    const { target, submitter } = event;
    if (target.dataset.tap) return tap(target, submitter.value);
    for (const each of forms) if (!markOf(each)) tap(each, "1");
  });
  addEventListener("online", send);
  addEventListener("beforeunload", (event) => {
    if (taps().length) event.preventDefault();
  });
  for (const id of taps().filter(formOf)) {
    press(formOf(id), read(id).mark);
    if (read(id).theirs) showConflict(id, read(id));
  }
  count();
  send();
}
