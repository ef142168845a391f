"use strict";
const description = JSON.parse(document.getElementById("description").textContent);
const find = (id) => document.getElementById(id);

function element(name, text, kind) {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function pretty(value) {
  // As JSON.stringify, but with lists of plain values on one line.
  return JSON.stringify(value, null, 2).replace(/\[[^[\]{}]*\]/g, (list) => {
    const line = list.replace(/\s*\n\s*/g, " ").replace("[ ", "[").replace(/ \]$/, "]");
    return line.length <= 90 ? line : list;
  });
}

function values(column) {
  const number = (bound) => (Math.abs(bound) > 1e15 ? null : bound);
  if (column.enum) return column.enum.filter((value) => value !== null).join(", ");
  if (column["x-known"]) {
    const known = column["x-known"];
    const more = known.length > 12 ? ` and ${known.length - 12} more` : "";
    return `known: ${known.slice(0, 12).join(", ")}${more}`;
  }
  if (column.pattern) return column.pattern;
  const low = number(column.minimum ?? -1e99), high = number(column.maximum ?? 1e99);
  if (low !== null && high !== null) return `${low} to ${high}`;
  if (low !== null) return `at least ${low}`;
  return high !== null ? `at most ${high}` : "any";
}

function inputs() {
  const row = description.components.schemas.Row;
  for (const [name, column] of Object.entries(row.properties)) {
    const line = document.createElement("tr");
    const cell = document.createElement("td");
    cell.append(element("code", name));
    line.append(cell);
    const key = column["x-looks-up"];
    line.append(element("td", column["x-kind"]));
    line.append(element("td", key ? "any" : values(column), "values"));
    line.append(element("td", key || column.type.includes("null") ? "allowed" : "no"));
    let absent = "an error";
    if (column["x-table"]) absent = `looked up in ${column["x-table"]}`;
    if (key) absent = `a key of ${key.join(", ")}; needed only for looking up`;
    line.append(element("td", absent, column["x-table"] || key ? "soft" : ""));
    find("inputs").append(line);
  }
}

function addresses() {
  const groups = new Map(description.tags.map((tag) => [tag.name, []]));
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      groups.get(operation.tags[0]).push([method, path, operation.summary]);
    }
  }
  for (const [name, group] of groups) {
    find("addresses").append(element("h3", name));
    for (const [method, path, summary] of group) {
      const line = element("div", "", "address");
      line.append(element("b", method.toUpperCase()), element("code", path));
      line.append(element("span", summary, "soft"));
      find("addresses").append(line);
    }
  }
}

function requests() {
  const found = [];
  for (const [path, methods] of Object.entries(description.paths)) {
    if (!methods.post || path.includes("/versions/")) continue;
    for (const [media, content] of Object.entries(methods.post.requestBody.content)) {
      for (const [name, example] of Object.entries(content.examples ?? {})) {
        const text = media === "text/csv" ? example.value : pretty(example.value);
        found.push({ name: `${name}, ${methods.post.tags[0]}`, path, media, text });
      }
    }
  }
  return found;
}

const offered = requests();
const chosen = () => offered[find("form").selectedIndex];

function curl() {
  const request = chosen(), key = find("key").value ? " -H 'Authorization: Bearer KEY'" : "";
  let text = find("body").value;
  if (request.media !== "text/csv") {
    try { text = JSON.stringify(JSON.parse(text)); } catch { /* as it stands */ }
  }
  const quoted = text.replaceAll("'", "'\\''");
  const url = new URL(request.path.slice(1), location.href);
  find("curl").textContent =
    `curl${key} -H 'Content-Type: ${request.media}' ${url} --data-binary '${quoted}'`;
}

function choose() {
  find("address").textContent = `POST ${chosen().path}`;
  find("body").value = chosen().text;
  curl();
}

async function send() {
  const request = chosen(), status = find("status"), started = performance.now();
  const headers = { "Content-Type": request.media };
  if (find("key").value) headers.Authorization = `Bearer ${find("key").value}`;
  find("send").disabled = true;
  try {
    const answer = await fetch(request.path.slice(1), { method: "POST", headers, body: find("body").value });
    const text = await answer.text();
    const took = performance.now() - started;
    status.textContent = `${answer.status} ${answer.statusText} in ${took.toFixed(0)} ms`;
    status.className = answer.ok ? "good" : "bad";
    try { find("answer").textContent = pretty(JSON.parse(text)); } catch { find("answer").textContent = text; }
  } catch (failed) {
    status.textContent = "No answer";
    status.className = "bad";
    find("answer").textContent = String(failed);
  } finally {
    find("send").disabled = false;
  }
}

document.title = description.info.title;
find("title").textContent = description.info.title;
find("title").append(element("small", description.info.version));
find("summary").textContent = description.info.description.replaceAll("`", "");
for (const request of offered) find("form").append(element("option", request.name));
find("form").addEventListener("change", choose);
find("body").addEventListener("input", curl);
find("key").addEventListener("input", curl);
find("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
inputs();
addresses();
choose();
