// Small improvements to pages that work without them. Words come from the page, never from here.
const words = document.getElementById("words")?.dataset ?? {};

function element(name, attributes, ...content) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
}

// A short notice that goes by itself; it takes no focus.
function toast(text, tone = "info") {
  let tray = document.querySelector(".toasts");
  if (!tray) document.body.append((tray = element("div", { class: "toasts", role: "status" })));
  const notice = element("div", { class: `banner toast tone-${tone}` }, element("p", {}, text));
  requestAnimationFrame(() => tray.replaceChildren(notice)); // a tray that is there already is read aloud
  setTimeout(() => notice.remove(), 6000);
}

// A form with data-guard warns before changes are lost.
const changed = new Set();
document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-guard]");
  if (form) changed.add(form);
});
window.addEventListener("beforeunload", (event) => {
  if (changed.size) event.preventDefault();
});

// A form is sent once. The button keeps its name and value; coming back frees it, and so does a download.
function release(form) {
  delete form.dataset.sent;
  form.querySelectorAll("[type=submit]").forEach((button) => button.removeAttribute("aria-disabled"));
}
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  changed.delete(form);
  if (form.matches("[action='/logout']")) addEventListener("pagehide", () => localStorage.clear()); // see teaching.js
  form.querySelectorAll("[type=submit]").forEach((button) => button.setAttribute("aria-disabled", "true"));
  if ("upload" in form.dataset) {
    event.preventDefault();
    upload(form, event.submitter);
  } else setTimeout(release, 8000, form);
});

// A file is sent with its progress shown. When the connection breaks the page stays, and the file stays chosen.
function upload(form, submitter) {
  form.querySelector(".upload")?.remove();
  const bar = element("progress", { max: 1, "aria-label": words.sending });
  const said = element("p", { role: "status" }, words.sending);
  const shown = element("div", { class: "upload progress" }, said, bar);
  (form.querySelector(".form-actions") ?? form).before(shown);
  const request = new XMLHttpRequest();
  request.responseType = "document";
  request.upload.onprogress = ({ loaded, total }) => (bar.value = total ? loaded / total : 0);
  request.upload.onload = () => {
    bar.removeAttribute("value");
    said.textContent = words.reading;
  };
  request.onload = () => {
    if (!request.response?.querySelector("main")) return request.onerror();
    if (request.responseURL !== location.href) history.pushState({ sent: true }, "", request.responseURL);
    shownAt = location.pathname;
    show(request.response);
  };
  request.onerror = request.onabort = () => {
    release(form);
    shown.replaceChildren(element("p", { class: "field-error", role: "alert" }, words.unsent));
  };
  request.open("POST", form.action);
  request.send(new FormData(form, submitter));
}

// The page that answered takes this one's place; its style sheets come along.
function show(page) {
  for (const sheet of page.querySelectorAll('link[rel="stylesheet"]')) {
    const known = [...document.querySelectorAll('link[rel="stylesheet"]')].some((link) => link.getAttribute("href") === sheet.getAttribute("href"));
    if (!known) document.head.append(document.importNode(sheet, true));
  }
  document.title = page.title;
  document.body.replaceWith(document.importNode(page.body, true));
  scrollTo(0, 0);
  prepare(document);
  (document.querySelector(".error-summary") ?? document.getElementById("main")).focus();
}
// Going back over such an answer asks anew; a link within the page only moves.
let shownAt = location.pathname;
window.addEventListener("popstate", () => {
  if (location.pathname !== shownAt) location.reload();
});

// A page that tells how far something has come asks again by itself, and is shown anew when it is done.
async function follow() {
  const shown = document.querySelector("[data-follow]");
  if (!shown) return;
  await new Promise((done) => setTimeout(done, 1000));
  try {
    const text = await (await fetch(location.href)).text();
    const next = new DOMParser().parseFromString(text, "text/html").querySelector("[data-follow]");
    if (!next) return location.reload();
    shown.replaceWith(document.importNode(next, true));
  } catch {} // the connection may come back
  follow();
}

// A field is looked at when it is left, if something was typed; what is wrong goes as soon as it is right.
function fault(field) {
  const { validity } = field;
  if (validity.valid) return "";
  if (validity.valueMissing) return words.missing;
  return validity.typeMismatch && field.type === "email" ? words.email : field.validationMessage;
}
function check(field) {
  const box = field.closest(".field");
  const id = `${field.id}-check`;
  const text = fault(field);
  const others = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((each) => each && each !== id);
  document.getElementById(id)?.remove();
  if (text) (field.closest(".control") ?? field).before(element("p", { class: "field-error", id }, text));
  const wrong = text || box.querySelector(".field-error");
  box.classList.toggle("field-wrong", Boolean(wrong));
  field.toggleAttribute("aria-invalid", false);
  if (wrong) field.setAttribute("aria-invalid", "true");
  const described = text ? [...others, id] : others;
  if (described.length) field.setAttribute("aria-describedby", described.join(" "));
  else field.removeAttribute("aria-describedby");
}
const checkable = ({ target }) => target.matches?.(".form .field :is(input:not([type=checkbox], [type=radio], [type=file]), select, textarea)") && target.id;
document.addEventListener("input", (event) => {
  if (!checkable(event)) return;
  event.target.dataset.typed = "1";
  if (document.getElementById(`${event.target.id}-check`)) check(event.target);
});
document.addEventListener("focusout", (event) => {
  const field = event.target;
  if (!checkable(event) || field.readOnly || !field.dataset.typed) return;
  check(field);
  if (field.type === "email") suggest(field);
});

// An address that is one slip away from a provider that many use.
const PROVIDERS = ["gmail.com", "hotmail.com", "outlook.com", "icloud.com", "yahoo.com", "mail.com", "live.com", "elisanet.fi", "kolumbus.fi", "luukku.com", "suomi24.fi", "saunalahti.fi", "pp.inet.fi"];
function slips(typed, meant) {
  const rows = [[...Array(meant.length + 1).keys()]];
  for (let i = 1; i <= typed.length; i++) {
    rows[i] = [i];
    for (let j = 1; j <= meant.length; j++) {
      const same = typed[i - 1] === meant[j - 1] ? 0 : 1;
      rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + same);
      const swapped = i > 1 && j > 1 && typed[i - 1] === meant[j - 2] && typed[i - 2] === meant[j - 1];
      if (swapped) rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[typed.length][meant.length];
}
function suggest(field) {
  const box = field.closest(".field");
  box.querySelector(".field-hint")?.remove();
  const [, name, host] = field.value.trim().match(/^([^@]+)@([^@]+)$/) ?? [];
  if (!host) return;
  const typed = host.toLowerCase();
  const near = PROVIDERS.includes(typed) ? undefined : PROVIDERS.find((each) => slips(typed, each) === 1);
  if (!near) return;
  const address = `${name}@${near}`;
  const button = element("button", { type: "button", class: "button button-plain button-small" }, words.typo.replace("{address}", address));
  button.addEventListener("click", () => {
    field.value = address;
    field.focus();
    hint.remove();
  });
  const hint = element("p", { class: "field-hint", role: "status" }, button);
  box.append(hint);
}
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

// Filters renew #results in place, so that the focus stays where it is.
let latest = 0;
async function renew(form) {
  const results = document.getElementById("results");
  if (!results) return form.requestSubmit();
  const url = `${form.action.split("?")[0]}?${new URLSearchParams(new FormData(form))}`;
  const turn = ++latest;
  results.classList.add("busy");
  try {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (turn !== latest) return;
    results.innerHTML = page.getElementById("results").innerHTML;
    const count = form.querySelector(".filters-count");
    if (count) count.innerHTML = page.querySelector(".filters-count")?.innerHTML ?? "";
    history.replaceState(null, "", url);
    prepare(results);
  } catch {
    if (navigator.onLine) location.assign(url);
    else toast(words.offline, "bad");
  } finally {
    if (turn === latest) results.classList.remove("busy");
  }
}
document.addEventListener("change", ({ target }) => {
  const form = target.closest("form[data-auto]");
  if (form) renew(form);
});

// One tick box for all of its kind: data-check-all holds their name.
document.addEventListener("change", ({ target }) => {
  const name = target.dataset.checkAll;
  if (name) target.form.querySelectorAll(`input[name="${CSS.escape(name)}"]`).forEach((box) => (box.checked = target.checked));
});

document.addEventListener("click", async (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog?.showModal) {
    event.preventDefault();
    dialog.showModal();
  } else if (event.target.closest("[data-close]") || event.target.matches("dialog[open]")) {
    event.target.closest("dialog").close();
  }

  const copier = event.target.closest("[data-copy]");
  if (copier) {
    await navigator.clipboard.writeText(copier.dataset.copy);
    toast(copier.dataset.done, "good");
  }
});

// What only works with script is shown only then.
function prepare(part) {
  if (navigator.clipboard) part.querySelectorAll("[data-copy]").forEach((button) => (button.hidden = false));
  follow();
}
prepare(document);
document.querySelector(".error-summary")?.focus();
