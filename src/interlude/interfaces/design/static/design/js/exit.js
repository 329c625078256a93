// "Exit this page": blank at once, end the portal session, leave without a way back by the back button.
function leave(link) {
  document.title = " ";
  document.body.hidden = true;
  if (link.dataset.exitEnd) navigator.sendBeacon(link.dataset.exitEnd);
  location.replace(link.href);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-exit]");
  if (!link) return;
  event.preventDefault();
  leave(link);
});

// Shift pressed three times within five seconds leaves too.
let presses = [];
document.addEventListener("keyup", (event) => {
  if (event.key !== "Shift") {
    presses = [];
    return;
  }
  presses = [...presses.filter((at) => event.timeStamp - at < 5000), event.timeStamp];
  const link = document.querySelector("[data-exit]");
  if (presses.length >= 3 && link) leave(link);
});
