/**
 * Layer wire: the external-module line protocol (spec/protocol.md). Bytes to lines, lines to values, and back. Pure.
 * May import base.
 */

export { decodeText, encodedLength, encodeText } from "../base/index.ts";
export { type AppLine, parseAppLine } from "./app-line.ts";
export type { AppAnswer, AppMessage } from "./app-message.ts";
export { type EngineLine, parseEngineLine } from "./engine-line.ts";
export { escapeField, escapeName, unescapeField, unescapeLeniently, unescapeName } from "./escape.ts";
export { formatAppAnswer, formatAppLine, formatMessage } from "./format-app-line.ts";
export { formatEngineAnswer, formatEngineLine } from "./format-engine-line.ts";
export { createLineSplitter, defaultLineLimitBytes, type LineSplitter } from "./line-splitter.ts";
export { defaultPriority, parseBoolean, parseInteger, parsePriority, parseTime } from "./numbers.ts";
export { formatParams, parseParams } from "./params-tail.ts";
export { isLiteral, rawField } from "./raw-field.ts";
