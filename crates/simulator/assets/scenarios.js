// The scenario panel: shows what goes wrong on purpose, and switches it. A field's name is its place in the
// scenarios: "api.down" is {"api": {"down": …}}.
"use strict";

const form = document.getElementById("scenarios");
const fields = () => [...form.elements].filter((field) => field.name);

function say(text) {
  document.getElementById("said").textContent = text;
}

function show(scenarios) {
  for (const field of fields()) {
    const value = field.name.split(".").reduce((part, name) => part[name], scenarios);
    if (field.type === "checkbox") field.checked = value;
    else if (field !== document.activeElement) field.value = value;
  }
}

async function send(method, body) {
  const response = await fetch("/simulator/scenarios", { method, body: body && JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  show(answer.data);
}

form.addEventListener("change", async ({ target }) => {
  const value = target.type === "checkbox" ? target.checked : Number(target.value);
  const patch = target.name.split(".").reduceRight((inner, name) => ({ [name]: inner }), value);
  await send("POST", patch).then(() => say("Switched."), (error) => say(error.message));
});

form.addEventListener("reset", async (event) => {
  event.preventDefault();
  await send("DELETE").then(() => say("Nothing goes wrong now."), (error) => say(error.message));
});

form.addEventListener("submit", (event) => event.preventDefault());

send("GET").catch((error) => say(error.message));
