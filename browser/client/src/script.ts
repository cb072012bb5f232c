// @vedette/browser as a classic script: `window.Vedette`, told by the `data-` attributes of its own tag.
import { options } from "./clean";
import { crumb, logError } from "./core";
import { starter } from "./start";

const { src, dataset } = document.currentScript as HTMLScriptElement;
// The parts lie beside it: `vedette.js` and `vedette.vitals.js`, `/js/<key>.js` and `/js/<key>.vitals.js`.
const made = { ...starter(part => import(src.replace(/(\.min)?\.js[^/]*$/, `.${part}.js`))), logError, crumb };
(window as any).Vedette = made;
Object.assign(options, dataset);
if (options.dsn) made.init();
