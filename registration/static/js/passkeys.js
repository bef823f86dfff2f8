// Passkeys: the device's answer is put into a form, which is then sent like any other.
const forms = [...document.querySelectorAll("form[data-passkey]")];
let asking; // one question at a time: the button's takes the place of the field's

async function ask(form, extra = {}) {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const { passkey, options } = form.dataset;
  const said = await fetch(options, { method: "POST", signal });
  if (!said.ok || said.redirected) throw new Error(said.status);
  const read = passkey === "create" ? "parseCreationOptionsFromJSON" : "parseRequestOptionsFromJSON";
  const publicKey = PublicKeyCredential[read](await said.json());
  const key = await navigator.credentials[passkey]({ publicKey, signal, ...extra });
  form.elements.answer.value = JSON.stringify(key);
  HTMLFormElement.prototype.submit.call(form);
}

function complain(form) {
  form.querySelector("[role=alert]")?.remove();
  const text = document.createElement("p");
  text.className = "field-error";
  text.setAttribute("role", "alert");
  text.textContent = form.dataset.failed;
  form.prepend(text);
}

if (globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  for (const form of forms) {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation(); // app.js holds a form that was sent; this one may be tried again
      try {
        await ask(form);
      } catch (error) {
        if (error.name !== "AbortError") complain(form);
      }
    });
  }
  const filling = forms.find((form) => "fills" in form.dataset);
  if (filling && (await PublicKeyCredential.isConditionalMediationAvailable?.()))
    ask(filling, { mediation: "conditional" }).catch(() => {}); // nobody asked for it: no complaint
}
