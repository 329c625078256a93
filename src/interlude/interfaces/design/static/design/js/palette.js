// Ctrl+K: three letters, Enter, Enter. Results come from data-palette-src?q=... as
// {"results": [{"title": "HAAS, Noor", "hint": "K-00012", "url": "/patients/...", "kind": "Patient"}]}.
const WAIT_MS = 90;
const palette = document.querySelector("[data-palette]");

if (palette) {
  const input = palette.querySelector("input");
  const list = palette.querySelector("[role=listbox]");
  const status = palette.querySelector("[data-palette-status]");
  let results = [];
  let chosen = 0;
  let timer = 0;
  let asked = 0;
  let shownFor = null;
  let goWhenShown = false;

  const open = () => {
    if (palette.open) return;
    input.value = "";
    palette.showModal();
    input.focus();
    ask();
  };

  const go = () => {
    // Enter before the answer is there waits for it instead of opening the wrong thing.
    if (shownFor !== input.value) {
      goWhenShown = true;
      return;
    }
    if (results[chosen]) location.assign(results[chosen].url);
  };

  const choose = (index) => {
    chosen = results.length ? (index + results.length) % results.length : 0;
    list.querySelectorAll("[role=option]").forEach((option, at) => {
      option.setAttribute("aria-selected", String(at === chosen));
      if (at === chosen) {
        input.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      }
    });
  };

  const show = () => {
    list.replaceChildren(
      ...results.map((result, index) => {
        const option = document.createElement("li");
        option.className = "palette-option";
        option.id = `palette-option-${index}`;
        option.setAttribute("role", "option");
        const title = document.createElement("span");
        title.textContent = result.title;
        const hint = document.createElement("small");
        hint.textContent = [result.kind, result.hint].filter(Boolean).join(" · ");
        option.append(title, hint);
        option.addEventListener("click", () => location.assign(result.url));
        return option;
      }),
    );
    if (!results.length) input.removeAttribute("aria-activedescendant");
    status.textContent = results.length ? palette.dataset.textCount.replace("{count}", results.length) : palette.dataset.textNone;
    choose(0);
  };

  const ask = async () => {
    const number = ++asked;
    const text = input.value;
    try {
      const url = new URL(palette.dataset.paletteSrc, location.href);
      url.searchParams.set("q", text);
      const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      const body = answer.ok ? await answer.json() : { results: [] };
      if (number !== asked) return;
      results = body.results || [];
    } catch {
      if (number !== asked) return;
      results = [];
    }
    shownFor = text;
    show();
    if (goWhenShown) {
      goWhenShown = false;
      go();
    }
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette-open]")) open();
    else if (event.target === palette) palette.close();
  });
  input.addEventListener("input", () => {
    goWhenShown = false;
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter") go();
    else return;
    event.preventDefault();
  });
}
