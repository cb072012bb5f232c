addEventListener("DOMContentLoaded", () => {
  document.querySelector("#throw").onclick = () => { throw new Error("nobody built this"); };
  document.querySelector("#feedback").onclick = () => { Vedette.feedback(); };
});
