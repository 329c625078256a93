// Brightness mode: kept in the cookie `mode`, so that the server renders the next page right away.
const MODES = ["auto", "light", "dark", "dim"];

function choose(mode) {
  if (!MODES.includes(mode)) return;
  document.documentElement.dataset.mode = mode;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `mode=${mode}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  for (const button of document.querySelectorAll("[data-mode-switch] button[name=mode]")) {
    button.setAttribute("aria-pressed", String(button.value === mode));
  }
  document.dispatchEvent(new CustomEvent("interlude:mode", { detail: { mode } }));
}

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!event.target.matches("[data-mode-switch]") || !button) return;
  event.preventDefault();
  choose(button.value);
});
