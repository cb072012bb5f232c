// All behaviour of the pages. No inline script, no eval, no innerHTML; every page reads and posts without it.
import "htmx.org/dist/htmx.esm.js";
import "./copy";
import { $ } from "./dom";
import { wireCharts } from "./charts";
import { wireForms } from "./forms";
import { wireHold } from "./hold";
import { wireKeys } from "./keys";
import { wireLive } from "./live";
import { wirePalette } from "./palette";
import { wirePasskeys } from "./passkeys";
import { wirePush } from "./push";
import { wireTimes } from "./times";
import { fadeMessages } from "./toast";

wireCharts();
document.addEventListener("htmx:after:swap", wireCharts);
wirePalette();
wireKeys();
wireForms();
wireHold();
wireTimes();
wirePasskeys();
wirePush();
fadeMessages();
wireLive();
$(".subnav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
