export { Engine, type EngineOptions, type LookupPort, type RenderLimits } from "./template/engine.js";
export { TemplateError } from "./template/error.js";
export { RenderError, renderError } from "./template/report.js";
export { fromPlain, GoMap, type GoValue } from "./value/go-value.js";
