// Small improvements to pages that work without them. Words come from the page, never from here.

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
  form.querySelectorAll("[type=submit]").forEach((button) => button.setAttribute("aria-disabled", "true"));
  setTimeout(release, 8000, form);
});
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
    location.assign(url);
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
    const word = copier.querySelector("span");
    word.setAttribute("role", "status");
    word.textContent = copier.dataset.done;
  }
});

// What only works with script is shown only then.
function prepare(part) {
  if (navigator.clipboard) part.querySelectorAll("[data-copy]").forEach((button) => (button.hidden = false));
}
prepare(document);
document.querySelector(".error-summary")?.focus();
